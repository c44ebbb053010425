using System.CommandLine;
using Freehold.Cli.Interactive;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>Drops a tenant with all its data.</summary>
internal sealed class DropCommand : ApplicationCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The tenant's id." };
    private readonly Option<bool> _yes = TypedOptions.Flag("--yes", "Ask nothing. Without it the id has to be typed once more.", "-y");
    private readonly Option<string?> _archive = TypedOptions.Text("--archive", "file", "Write its data into this zip file before.");

    public DropCommand() : base("drop", "Drop a tenant's schema, database, file or rows, with everything in it. Its id stays taken.")
    {
        Add(_id);
        Add(_yes);
        Add(_archive);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var tenant = await invocation.TenantAsync(invocation.Value(_id)!).ConfigureAwait(false);
        if (!invocation.Value(_yes) && !await IsMeantAsync(invocation, tenant).ConfigureAwait(false))
        {
            invocation.Terminal.Say("Nothing was dropped.");
            return ExitCode.Done;
        }

        var options = new TenantDropOptions { ArchivePath = invocation.Value(_archive) is { } file ? invocation.PathOf(file) : null };
        var dropped = await Waiting.ShowAsync(
            invocation.Terminal, $"Dropping {tenant.Id}", () => invocation.Provisioner.DropAsync(tenant, options, invocation.Stop)).ConfigureAwait(false);
        invocation.Terminal.Show(DropResult.Of(tenant, dropped), console => Draw(console, tenant, dropped));
        return ExitCode.Done;
    }

    private static void Draw(IAnsiConsole console, Tenant tenant, TenantDropResult dropped)
    {
        if (dropped.Archive is { } archive)
        {
            console.WriteLine($"Written: {archive.Path} ({Tables.Count(archive.Tables, "table")}, {archive.Rows} rows, {archive.Bytes} bytes).");
        }

        console.WriteLine($"{tenant.Id} is dropped. {(tenant.State == TenantState.Spare ? "It was a spare." : "Its id stays taken.")}");
    }

    private static async Task<bool> IsMeantAsync(Invocation invocation, Tenant tenant)
    {
        if (!invocation.Terminal.IsInteractive)
        {
            throw ToolException.Usage($"Dropping '{tenant.Id}' destroys its data, and without a terminal nobody can be asked. Say --yes.");
        }

        var prompt = new TextPrompt<string>($"All data of [bold]{Markup.Escape(tenant.Id.Value)}[/] will be destroyed. Type its id to go on (nothing: back):").AllowEmpty();
        return await invocation.Terminal.Results.AnswerAsync(prompt, invocation.Stop).ConfigureAwait(false) == tenant.Id.Value;
    }

    private sealed record DropResult(string Id, bool WasThere, ArchiveDocument? Archive) : Document("drop")
    {
        public static DropResult Of(Tenant tenant, TenantDropResult dropped) => new(
            tenant.Id.Value, dropped.WasThere, dropped.Archive is { } archive ? new(archive.Path, archive.Tables, archive.Rows, archive.Bytes) : null);
    }

    private sealed record ArchiveDocument(string Path, int Tables, long Rows, long Bytes);
}
