using System.CommandLine;
using Freehold.Cli.Output;
using Spectre.Console;
using static Freehold.Cli.Output.Tables;

namespace Freehold.Cli.Commands;

/// <summary>The list of tenants, as the application's store has it.</summary>
internal sealed class ListCommand : ApplicationCommand
{
    private static readonly string[] States = ["active", "suspended", "provisioning", "migrating", "failed", "spare", "deleted"];

    private readonly SelectionOptions _selection;
    private readonly Option<string?> _state = TypedOptions.OneOf("--state", "state", "Those in this state. All but deleted ones by default.", States);

    public ListCommand() : base("list", "The tenants: state, tags, and where their data is.")
    {
        _selection = new(this);
        Add(_state);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var tenants = await _selection.FindAsync(invocation, Wanted(invocation.Value(_state))).ConfigureAwait(false);
        invocation.Terminal.Show(new ListResult([.. tenants.Select(TenantDocument.Of)]), console => Draw(console, tenants));
        return ExitCode.Done;
    }

    private static TenantState[] Wanted(string? state) => state is null
        ? [.. Enum.GetValues<TenantState>().Where(each => each != TenantState.Deleted)]
        : [Enum.Parse<TenantState>(state, ignoreCase: true)];

    private static void Draw(IAnsiConsole console, IReadOnlyList<Tenant> tenants)
    {
        if (tenants.Count == 0)
        {
            console.WriteLine("There are no such tenants.");
            return;
        }

        console.DrawTable(
            tenants,
            ("Tenant", tenant => Cell(tenant.Id.Value)),
            ("Name", tenant => Cell(tenant.Name)),
            ("State", tenant => Cell(tenant.State.ToString(), ColorOf(tenant.State))),
            ("Tags", tenant => Cell(string.Join(", ", tenant.Tags))),
            ("Plan", tenant => Cell(tenant.Plan)),
            ("Region", tenant => Cell(tenant.Region)),
            ("Isolation", tenant => Cell(tenant.Placement?.Isolation.ToString())),
            ("Server", tenant => Cell(tenant.Placement is null or { Server: TenantPlacement.DefaultServer } ? "" : tenant.Placement.Server)),
            ("Database", tenant => Cell(tenant.Placement?.Database)),
            ("Schema", tenant => Cell(tenant.Placement?.Schema)),
            ("Failure", tenant => Cell(tenant.Failure, Color.Red)));
    }

    private static Color ColorOf(TenantState state) => state switch
    {
        TenantState.Active => Color.Green,
        TenantState.Failed => Color.Red,
        _ => Color.Yellow,
    };

    private sealed record ListResult(IReadOnlyList<TenantDocument> Tenants) : Document("list");
}
