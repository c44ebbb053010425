using System.Diagnostics;
using Freehold.Benchmarks.Hops;
using Freehold.Benchmarks.Tenancy;
using Freehold.Shared;

namespace Freehold.Benchmarks;

/// <summary>All tables of <c>tenancy</c>, in their order.</summary>
internal sealed class TenancyBenchmarks(Effort effort, string[] only)
{
    /// <summary>What can be asked for by itself.</summary>
    public static readonly string[] Parts = ["reads", "rows", "pooler", "scale", "models", "inserts", "memory", "connections", "lease", "mediatr", "masstransit", "hangfire"];

    private readonly Report _report = new();
    private readonly Lazy<Task<TenantDatabase>> _hundred = new(() => TenantDatabase.CreateAsync(100));
    private readonly Lazy<Task<TenantDatabase>> _thousand = new(() => TenantDatabase.CreateAsync(1_000));
    private readonly Lazy<Task<TenantDatabase>> _tenThousand = new(() => TenantDatabase.CreateAsync(10_000));

    public async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        await IntroduceAsync();

        // Leases and hops first: they take microseconds, and notice a full heap.
        await PartAsync("mediatr", () => new MediatRTable(_report, effort).RunAsync());
        await PartAsync("lease", async () => await new LeaseTable(_report, effort).RunAsync(await _hundred.Value));
        await PartAsync("reads", async () => await new ReadTables(_report, effort).HundredAsync(await _hundred.Value));
        await PartAsync("rows", async () => await new RowTables(_report, effort).RunAsync(await _hundred.Value));
        await PartAsync("pooler", PoolerAsync);
        await PartAsync("inserts", async () => await new InsertTables(_report, effort).RunAsync(await _hundred.Value));
        await PartAsync("models", async () => await new ReadTables(_report, effort).ModelPerSchemaAsync(await _hundred.Value));
        await PartAsync("connections", async () => await new FootprintTables(_report).ConnectionsAsync(await _hundred.Value));
        await PartAsync("masstransit", () => new MassTransitTable(_report, effort).InMemoryAsync());
        await PartAsync("hangfire", () => new HangfireTable(_report, effort).InMemoryAsync());
        await PartAsync("scale", ScaleAsync);
        await PartAsync("memory", async () => await new FootprintTables(_report).MemoryAsync(await Largest.Value));

        Report.Say("");
        _report.Summary();
        foreach (var line in LeftOut())
        {
            Report.Say($"left out: {line}");
        }

        Report.Say(Units.Text($"Took {clock.Elapsed.TotalSeconds:0} s."));
    }

    private Lazy<Task<TenantDatabase>> Largest => effort.IsQuick ? _thousand : _tenThousand;

    private async Task IntroduceAsync()
    {
        Report.Introduce();
        if (Array.Exists(Parts[..9], IsAskedFor))
        {
            Report.Say((await PostgresServer.GetAsync()).Description);
        }
    }

    private async Task PoolerAsync()
    {
        try
        {
            await new PoolerTables(_report, effort).RunAsync(await _hundred.Value);
        }
        catch (ServerMissingException missing) when (PgBouncer.IsMissing)
        {
            Report.Say($"left out: pooler. {missing.Message}");
        }
    }

    private async Task ScaleAsync()
    {
        var tables = new ReadTables(_report, effort);
        var hundred = await tables.AgainstRawAsync(await _hundred.Value);
        await tables.AgainstRawAsync(await _thousand.Value, hundred);
        if (!effort.IsQuick)
        {
            await tables.AgainstRawAsync(await _tenThousand.Value, hundred);
        }
    }

    private IEnumerable<string> LeftOut()
    {
        if (effort.IsQuick)
        {
            yield return "10,000 tenants, by --quick; and a twelfth of the rounds is for seeing that it runs, not for numbers";
        }
        else if (!effort.IsFull)
        {
            yield return "10,000 tenants with 16 callers; --full has them";
        }

        foreach (var part in Parts.Where(part => !IsAskedFor(part)))
        {
            yield return $"{part}, by --only";
        }
    }

    private bool IsAskedFor(string part) => only.Length == 0 || only.Contains(part);

    private Task PartAsync(string part, Func<Task> run) => IsAskedFor(part) ? run() : Task.CompletedTask;
}
