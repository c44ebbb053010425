using System.CommandLine;
using Freehold.Benchmarks;
using Freehold.Shared;

var quick = new Option<bool>("--quick") { Description = "A few rounds of each: to see that everything runs, under two minutes." };
var full = new Option<bool>("--full") { Description = "Twice the rounds, and 10,000 tenants with 16 callers too." };
var only = new Option<string[]>("--only") { Description = "Only these tables.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong(TenancyBenchmarks.Parts);
var tenancy = new Command("tenancy", "What a tenant costs: reads, inserts, memory, leases, and each adapter's hop.") { quick, full, only };
tenancy.SetAction(async parsed =>
{
    try
    {
        await new TenancyBenchmarks(new(parsed.GetValue(quick), parsed.GetValue(full)), parsed.GetValue(only) ?? []).RunAsync();
        return 0;
    }
    catch (ServerMissingException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 3;
    }
});
return await new RootCommand("Freehold side by side with what a user would pick instead. Ratios within one run; nothing is asserted.") { tenancy }
    .Parse(args).InvokeAsync();
