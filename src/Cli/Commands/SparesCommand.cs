using System.CommandLine;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>Makes tenants ahead.</summary>
internal sealed class SparesCommand : ApplicationCommand
{
    private readonly Option<int?> _keep = TypedOptions.Number("--keep", 0, "Make as many as lack up to this number.");

    public SparesCommand() : base("spares", "Count the tenants that were made ahead for sign-ups, or make as many as lack.") => Add(_keep);

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var made = invocation.Value(_keep) is { } count
            ? await Waiting.ShowAsync(invocation.Terminal, "Making spare tenants", () => invocation.Get<ITenantSpares>().KeepAsync(count, invocation.Stop)).ConfigureAwait(false)
            : [];
        var all = await invocation.TenantsInAsync([TenantState.Spare]).ConfigureAwait(false);
        var ready = all.Count(tenant => tenant.Failure is null);
        invocation.Terminal.Show(
            new SparesResult(ready, all.Count - ready, [.. made.Select(TenantDocument.Of)]),
            console => console.WriteLine(
                $"{Tables.Count(ready, "spare tenant")} ready{(all.Count > ready ? $", {all.Count - ready} unfinished" : "")}{(made.Count > 0 ? $" ({made.Count} made now)" : "")}."));
        return all.Count > ready ? ExitCode.Found : ExitCode.Done;
    }

    private sealed record SparesResult(int Ready, int Unfinished, IReadOnlyList<TenantDocument> Made) : Document("spares");
}
