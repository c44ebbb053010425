using Freehold.Cli.Output;
using Spectre.Console;
using static Freehold.Cli.Output.Tables;

namespace Freehold.Cli.Commands;

/// <summary>The list of tenants, as the application's store has it.</summary>
internal sealed class ListCommand : ApplicationCommand
{
    public ListCommand() : base("list", "The tenants: state, tags, and where their data is.")
    {
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var tenants = await invocation.Store.ListAsync(invocation.Stop).OrderBy(tenant => tenant.Id.Value, StringComparer.Ordinal).ToListAsync(invocation.Stop).ConfigureAwait(false);
        invocation.Terminal.Show(
            new ListDocument([.. tenants.Select(TenantDocument.Of)]),
            console => Draw(console, tenants));
        return ExitCode.Done;
    }

    private static void Draw(IAnsiConsole console, IReadOnlyList<Tenant> tenants) => console.DrawTable(
        tenants,
        ("Tenant", tenant => Cell(tenant.Id.Value)),
        ("Name", tenant => Cell(tenant.Name)),
        ("State", tenant => Cell(tenant.State.ToString(), tenant.State == TenantState.Active ? null : Color.Yellow)),
        ("Isolation", tenant => Cell(tenant.Placement?.Isolation.ToString())),
        ("Server", tenant => Cell(tenant.Placement?.Server)),
        ("Database", tenant => Cell(tenant.Placement?.Database)),
        ("Schema", tenant => Cell(tenant.Placement?.Schema)),
        ("Plan", tenant => Cell(tenant.Plan)),
        ("Region", tenant => Cell(tenant.Region)));

    private sealed record ListDocument(IReadOnlyList<TenantDocument> Tenants) : Document("list");
}
