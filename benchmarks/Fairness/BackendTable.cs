using Freehold.Benchmarks.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Benchmarks.Fairness;

/// <summary>What PostgreSQL's backends keep of the tables of many tenants, with and without a limit of tenants for each.</summary>
internal sealed class BackendTable(Report report)
{
    private const int Visits = 10;
    private const long Most = 150 * 1024 * 1024;

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);

    public async Task RunAsync(WideDatabase database)
    {
        await using var watching = await database.OpenAsync();
        if (!Backends.CanBeSeen(watching))
        {
            Report.Say("left out: the memory of backends, which is looked at where PostgreSQL runs on the same Linux");
            return;
        }

        var most = database.Tenants.Count / 5;
        var facts = new List<Fact>();
        foreach (var (name, limit) in new (string, int?)[] { ($"MaxTenantsPerConnection = {most}", most), ("no limit", null) })
        {
            report.Doing($"{database.Tenants.Count} tenants visited {Visits} times, {name}");
            var (connections, largest) = await VisitAllAsync(database, watching, name, limit);
            facts.Add(limit is null
                ? new($"{name}: the largest of {connections} backends", Units.Mebibytes(largest))
                : new($"{name}: the largest of {connections} backends", Units.Mebibytes(largest), $"< {Units.Mebibytes(Most)}", largest < Most));
        }

        report.Doing("one backend meets all tenants");
        facts.Add(new("a backend that has met every tenant, as each would in the end without a limit", Units.Mebibytes(await MeetAllAsync(database))));
        report.Facts(
            Units.Text($"(f) A backend's own memory, {database.Tenants.Count} tenants of {WideDatabase.Tables} tables, each visited {Visits} times, {TenantDatabase.PoolSize} connections"),
            facts);
    }

    private static async Task<(int Connections, long Largest)> VisitAllAsync(WideDatabase database, NpgsqlConnection watching, string name, int? limit)
    {
        await using var services = new ServiceCollection().With(services => services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(database.Pool(name)).IsolateBy(Isolation.Schema).UseTenants([.. database.Tenants]).AddDbContext<TenantDb>()
            .Configure(options => options.MaxTenantsPerConnection = limit)));
        var random = new Random(1);
        var visits = Enumerable.Range(0, Visits).SelectMany(_ => database.Tenants.OrderBy(_ => random.Next())).ToArray();
        var working = Parallel.ForEachAsync(
            visits, new ParallelOptions { MaxDegreeOfParallelism = TenantDatabase.PoolSize }, async (tenant, cancellationToken) => await VisitAsync(services, tenant, cancellationToken));
        var most = (Count: 0, Largest: 0L);
        do
        {
            await Task.WhenAny(working, Task.Delay(Often));
            var (count, largest) = await Backends.LookAsync(watching, name);
            most = (Math.Max(most.Count, count), Math.Max(most.Largest, largest));
        }
        while (!working.IsCompleted);

        await working;
        return most;
    }

    private static async Task VisitAsync(IServiceProvider services, Tenant tenant, CancellationToken cancellationToken)
    {
        using var entered = TenantScope.Enter(tenant);
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TenantDb>().Database.ExecuteSqlRawAsync(WideDatabase.Visit, cancellationToken);
    }

    private static async Task<long> MeetAllAsync(WideDatabase database)
    {
        await using var connection = await database.OpenAsync();
        foreach (var tenant in database.Tenants)
        {
            await using var command = new NpgsqlCommand($"SET search_path TO \"{TenantDatabase.Schema(tenant)}\"; {WideDatabase.Visit}", connection);
            await command.ExecuteNonQueryAsync();
        }

        return Backends.Bytes(connection.ProcessID) ?? 0;
    }
}
