using Freehold.Cli.Commands;
using Spectre.Console;

namespace Freehold.Cli.Interactive;

/// <summary>
/// What is shown where somebody sits at a terminal and typed no command. Everything that is chosen becomes a command line, which is shown and run, so that the menu can do
/// what the commands can, and teaches them.
/// </summary>
/// <param name="invocation">The application and the terminal.</param>
/// <param name="run">Runs a command line.</param>
internal sealed class Menu(Invocation invocation, Func<IReadOnlyList<string>, Task<int>> run)
{
    // More is no line that anybody reads.
    private const int MaxShown = 20;

    private static readonly MenuItem[] Items =
    [
        new("status", "where migrations stand", static _ => Task.FromResult<string[]?>([])),
        new("list", "who the tenants are", static _ => Task.FromResult<string[]?>([])),
        new("migrate", "apply pending migrations", static picker => picker.PickPendingAsync()),
        new("provision", "make a tenant", static picker => picker.TypeIdAsync()),
        new("seed", "apply the seeds that tenants lack", static picker => picker.PickAsync("Seed whom?")),
        new("diff", "compare schemas with what migrations make", static picker => picker.PickAsync("Compare whom?")),
        new("doctor", "look for what lets data leak", static _ => Task.FromResult<string[]?>([])),
        new("suspend", "take a tenant out of service", static picker => picker.PickOneAsync("Suspend whom?", TenantState.Active)),
        new("resume", "let one in again", static picker => picker.PickOneAsync("Resume whom?", TenantState.Suspended)),
        new("drop", "drop a tenant with its data", static picker => picker.PickOneAsync("Drop whom?", Enum.GetValues<TenantState>())),
    ];

    private static readonly MenuItem Leave = new("leave", "", static _ => Task.FromResult<string[]?>(null));

    public async Task<int> RunAsync()
    {
        var console = invocation.Terminal.Results;
        var picker = new TenantPicker(invocation);
        while (true)
        {
            invocation.Stop.ThrowIfCancellationRequested();
            var chosen = await console.AnswerAsync(Prompt(), invocation.Stop).ConfigureAwait(false);
            if (chosen == Leave)
            {
                return ExitCode.Done;
            }

            if (await chosen.ArgumentsAsync(picker).ConfigureAwait(false) is { } arguments)
            {
                console.Write(new Text($"› freehold {string.Join(' ', (string[])[chosen.Command, .. arguments.Take(MaxShown)])}{(arguments.Length > MaxShown ? " …" : "")}\n", new Style(Color.Blue)));
                await run([chosen.Command, .. arguments]).ConfigureAwait(false);
                console.WriteLine();
            }
        }
    }

    private SelectionPrompt<MenuItem> Prompt() => new SelectionPrompt<MenuItem>()
        .Title(Markup.Escape($"{invocation.Application}: what is to be done? (Escape leaves)"))
        .PageSize(Items.Length + 1)
        .UseConverter(static item => Markup.Escape(item == Leave ? item.Command : $"{item.Command,-10} {item.Description}"))
        .AddChoices([.. Items, Leave])
        .AddCancelResult(Leave);
}

/// <summary>Something to choose.</summary>
/// <param name="Command">The command.</param>
/// <param name="Description">What it does.</param>
/// <param name="ArgumentsAsync">Asks for its arguments; null where it is not to be run after all.</param>
internal sealed record MenuItem(string Command, string Description, Func<TenantPicker, Task<string[]?>> ArgumentsAsync);
