using System.CommandLine;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>Drops a tenant with all its data.</summary>
internal sealed class DropCommand : ApplicationCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The tenant's id." };
    private readonly Option<bool> _yes = TypedOptions.Flag("--yes", "Ask nothing. Without it the id has to be typed once more.", "-y");

    public DropCommand() : base("drop", "Drop a tenant's schema, database, file or rows, with everything in it. Its id stays taken.")
    {
        Add(_id);
        Add(_yes);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var tenant = await invocation.TenantAsync(invocation.Value(_id)!).ConfigureAwait(false);
        if (!invocation.Value(_yes) && !await IsMeantAsync(invocation, tenant).ConfigureAwait(false))
        {
            invocation.Terminal.Say("Nothing was dropped.");
            return ExitCode.Done;
        }

        await Waiting.ShowAsync(invocation.Terminal, $"Dropping {tenant.Id}", async () =>
        {
            await invocation.Provisioner.DropAsync(tenant, invocation.Stop).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        invocation.Terminal.Show(new DropResult(tenant.Id.Value), console => console.WriteLine($"{tenant.Id} is dropped. Its id stays taken."));
        return ExitCode.Done;
    }

    private static async Task<bool> IsMeantAsync(Invocation invocation, Tenant tenant)
    {
        if (!invocation.Terminal.IsInteractive)
        {
            throw ToolException.Usage($"Dropping '{tenant.Id}' destroys its data, and without a terminal nobody can be asked. Say --yes.");
        }

        var prompt = new TextPrompt<string>($"All data of [bold]{Markup.Escape(tenant.Id.Value)}[/] will be destroyed. Type its id to go on (nothing: back):").AllowEmpty();
        return await invocation.Terminal.Results.PromptAsync(prompt, invocation.Stop).ConfigureAwait(false) == tenant.Id.Value;
    }

    private sealed record DropResult(string Id) : Document("drop");
}
