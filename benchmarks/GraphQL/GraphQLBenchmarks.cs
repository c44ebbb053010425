using System.Diagnostics;
using Freehold.Benchmarks.Tenancy;
using Freehold.Shared;

namespace Freehold.Benchmarks.GraphQL;

/// <summary>All tables of <c>graphql</c>: a query of four sibling resolvers with and without Freehold.</summary>
internal sealed class GraphQLBenchmarks(Effort effort)
{
    private readonly Report _report = new();

    public async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        Report.Introduce();
        await new RequestTable(_report, effort).RunAsync();
        Report.Say((await PostgresServer.GetAsync()).Description);
        await new ResolverTables(_report, effort).RunAsync(await TenantDatabase.CreateAsync(100));
        Report.Say("");
        _report.Summary();
        if (effort.IsQuick)
        {
            Report.Say("A twelfth of the rounds, by --quick, is for seeing that it runs, not for numbers.");
        }

        Report.Say(Units.Text($"Took {clock.Elapsed.TotalSeconds:0} s."));
    }
}
