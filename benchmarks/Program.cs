using System.CommandLine;
using Freehold.Benchmarks;
using Freehold.Benchmarks.Fairness;
using Freehold.Benchmarks.Fleet;
using Freehold;

var quick = new Option<bool>("--quick") { Description = "A few rounds of each: to see that everything runs, under two minutes." };
var full = new Option<bool>("--full") { Description = "Twice the rounds; of tenancy, 10,000 tenants with 16 callers too." };
var only = new Option<string[]>("--only") { Description = "Only these tables.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong(TenancyBenchmarks.Parts);
var tenancy = new Command("tenancy", "What a tenant costs: reads, inserts, memory, leases, and each adapter's hop.") { quick, full, only };
tenancy.SetAction(parsed => RunAsync(() => new TenancyBenchmarks(EffortOf(parsed), parsed.GetValue(only) ?? []).RunAsync()));

var onlyHops = new Option<string[]>("--only") { Description = "Only these hops.", AllowMultipleArgumentsPerToken = true };
onlyHops.AcceptOnlyFromAmong(AdapterBenchmarks.Parts);
var adapters = new Command("adapters", "Each adapter's hop with and without Freehold, with and without signing.") { quick, full, onlyHops };
adapters.SetAction(parsed => RunAsync(() => new AdapterBenchmarks(EffortOf(parsed), parsed.GetValue(onlyHops) ?? []).RunAsync()));

var onlyNeighbours = new Option<string[]>("--only") { Description = "Only these tables.", AllowMultipleArgumentsPerToken = true };
onlyNeighbours.AcceptOnlyFromAmong(FairnessBenchmarks.Parts);
var fairness = new Command("fairness", "What one noisy tenant costs the others, and many tenants a backend's memory, with limits and without.") { quick, full, onlyNeighbours };
fairness.SetAction(parsed => RunAsync(() => new FairnessBenchmarks(EffortOf(parsed), parsed.GetValue(onlyNeighbours) ?? []).RunAsync()));

var onlyFleet = new Option<string[]>("--only") { Description = "Only these tables.", AllowMultipleArgumentsPerToken = true };
onlyFleet.AcceptOnlyFromAmong(FleetBenchmarks.Parts);
var fleet = new Command("fleet", "Migrating many tenants, beside a loop of MigrateAsync and Npgsql alone; and finding that there is nothing to do.") { quick, full, onlyFleet };
fleet.SetAction(parsed => RunAsync(() => new FleetBenchmarks(EffortOf(parsed), parsed.GetValue(onlyFleet) ?? []).RunAsync()));

var graphql = new Command("graphql", "A GraphQL query of four sibling resolvers, with and without Freehold.") { quick, full };
#if WITHOUT_HOTCHOCOLATE
graphql.SetAction(_ => Console.WriteLine("graphql was left out when this was built: the package feed has no HotChocolate (eng/feed)."));
#else
graphql.SetAction(parsed => RunAsync(() => new Freehold.Benchmarks.GraphQL.GraphQLBenchmarks(EffortOf(parsed)).RunAsync()));
#endif

return await new RootCommand("Freehold side by side with what a user would pick instead. Ratios within one run; nothing is asserted.") { tenancy, adapters, fairness, fleet, graphql }
    .Parse(args).InvokeAsync();

Effort EffortOf(ParseResult parsed) => new(parsed.GetValue(quick), parsed.GetValue(full));

static async Task<int> RunAsync(Func<Task> run)
{
    try
    {
        await run();
        return 0;
    }
    catch (ServerMissingException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 3;
    }
}
