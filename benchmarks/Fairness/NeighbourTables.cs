using Freehold.Benchmarks.Tenancy;

namespace Freehold.Benchmarks.Fairness;

/// <summary>How long the reads of twenty tenants take beside five hundred callers of one more, with and without a budget, against quiet.</summary>
internal sealed class NeighbourTables(Report report, Effort effort)
{
    public const int Others = 20;

    private const int Noise = 500;
    private const double MostAtMedian = 1.5;
    private const double MostAtTail = 3;

    private static readonly Budget[] Budgets = [new("no budget"), new("LimitConnections", limits => { }, IsHeldToAims: true)];

    private TimeSpan Round => TimeSpan.FromSeconds(effort.IsQuick ? 0.5 : 1.5);

    /// <summary>The noisy tenant's work holds its connection and waits: for a lock, a disk, another server.</summary>
    public Task SlowAsync(TenantDatabase database) => CompareAsync(database, "queries that take 50 ms and wait", application => application.WaitAsync);

    /// <summary>The noisy tenant's work is short and never ends: what it takes from the others are processors, too.</summary>
    public Task FastAsync(TenantDatabase database) => CompareAsync(database, "point reads, one after the other", application => application.ReadAsync);

    private async Task CompareAsync(TenantDatabase database, string noise, Func<LimitedApplication, Func<Tenant, Task>> work)
    {
        report.Doing($"{Noise} callers of one tenant: {noise}");
        var neighbours = Budgets.Select(budget => new Neighbours(new(database, budget), work)).ToArray();
        try
        {
            foreach (var one in neighbours)
            {
                await one.RunAsync(callers: 0, Round / 3);
                await one.RunAsync(Noise, Round / 3);
                one.Forget();
            }

            for (var round = 0; round < effort.Rounds(12); round++)
            {
                for (var i = 0; i < neighbours.Length; i++)
                {
                    var one = neighbours[(i + round) % neighbours.Length];
                    await one.RunAsync(callers: 0, Round);
                    await one.RunAsync(Noise, Round);
                }
            }

            report.Facts($"(f) Point reads of {Others} tenants beside {Noise} callers of one more: {noise}", [.. neighbours.SelectMany(Told)]);
        }
        finally
        {
            foreach (var one in neighbours)
            {
                await one.DisposeAsync();
            }
        }
    }

    private static IEnumerable<Fact> Told(Neighbours one)
    {
        yield return new($"{one.Budget.Name}, quiet: p50, p99", $"{Units.Time(one.Quiet.At(0.5))}, {Units.Time(one.Quiet.At(0.99))}");
        yield return Against("p50", 0.5, MostAtMedian);
        yield return Against("p99", 0.99, MostAtTail);
        yield return new($"{one.Budget.Name}, noisy: the noisy tenant's own work", Units.Text($"{one.NoisyPerSecond:0} a second, {one.Refused} refused"));

        Fact Against(string name, double quantile, double most)
        {
            var ratio = one.Noisy.At(quantile) / one.Quiet.At(quantile);
            var what = $"{one.Budget.Name}, noisy: {name}, against quiet";
            var text = $"{Units.Time(one.Noisy.At(quantile))}, {Units.Ratio(ratio)}";
            return one.Budget.IsHeldToAims ? new(what, text, Units.Text($"≤ {most:0.0}×"), ratio <= most) : new(what, text);
        }
    }
}

/// <summary>What is allowed to a tenant.</summary>
internal sealed record Budget(string Name, Action<ConnectionLimitOptions>? Limits = null, bool IsHeldToAims = false);
