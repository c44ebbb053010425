using Freehold.Benchmarks.Tenancy;

namespace Freehold.Benchmarks.GraphQL;

/// <summary>Operations of four sibling resolvers, executed in process, each resolver with a context of its own and a point read by key.</summary>
internal sealed class ResolverTables(Report report, Effort effort)
{
    // Each takes up to four connections, and the pool has twenty.
    private const int Callers = 5;

    public async Task RunAsync(TenantDatabase database)
    {
        await using var hand = new ByHandSiblings(database);
        await using var again = new ByHandSiblings(database, "by hand again");
        await using var plain = new FactorySiblings(database);
        await using var freehold = new FreeholdSiblings(database);
        await using var injected = new InjectedSiblings(database);
        foreach (var application in new Application[] { hand, again, freehold, plain, injected })
        {
            await application.TouchAsync(TenantDatabase.PoolSize);
        }

        foreach (var callers in new[] { 1, Callers })
        {
            var said = callers == 1 ? "one after the other" : $"{callers} callers";
            report.Doing($"sibling resolvers, {said}");
            report.Ratios($"A query of four sibling resolvers that read PostgreSQL, {database.Tenants.Count} tenants, {said}", await new Comparison(
                Reading("without the adapter: ITenantDbContextFactory by hand, a schema per tenant", hand, callers),
                [
                    Reading("the same once more: the noise", again, callers),
                    Reading("with the adapter: [TenantDb], a schema per tenant", freehold, callers, Aim.Ratio(1.05)),
                    Reading("IDbContextFactory, pooled, on one schema", plain, callers),
                    Reading("AddDbContextPool, a DI scope per resolver, on one schema", injected, callers),
                ],
                Operations: callers == 1 ? 40 : 160,
                effort.Rounds(120)).RunAsync());
        }
    }

    private static Candidate Reading(string name, Application application, int callers, Aim? aim = null) =>
        Candidate.Of(name, application.ReadAsync, callers, aim);
}
