using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>(c) What many tenants cost the process and the server.</summary>
internal sealed class FootprintTables(Report report)
{
    private const double MostBytes = 1024;
    private const string Counted = "counted";

    /// <summary>Memory per tenant, once for tenants kept in memory and once for a store of one's own behind the cache.</summary>
    public async Task MemoryAsync(TenantDatabase database)
    {
        report.Doing($"the memory of {database.Tenants.Count} tenants");
        var facts = new List<Fact>();
        facts.AddRange(await WeighAsync(database, "kept in memory", isWritable: true, tenancy => tenancy.UseTenants()));
        facts.AddRange(await WeighAsync(database, "from a store of one's own, cached", isWritable: false, tenancy =>
        {
            tenancy.Services.AddSingleton(database);
            tenancy.UseTenantStore<GeneratedStore>().Configure(options => options.CacheDuration = TimeSpan.FromHours(1));
        }));
        report.Facts(Units.Text($"(c) Memory per tenant in the process, over {database.Tenants.Count} tenants, each admitted and read from"), facts);
    }

    /// <summary>The server's connections while more callers than the pool has connections read and write.</summary>
    public async Task ConnectionsAsync(TenantDatabase database)
    {
        const int Callers = 64;
        report.Doing($"connections under {Callers} callers");
        await using var freehold = new FreeholdApplication(database, Counted) { Tenants = [.. database.Tenants.Take(TenantDatabase.TenantsWithNotes)] };
        await using var watching = await database.OpenAsync();
        var working = Candidate.Of("", turn => turn % 4 == 0 ? freehold.InsertAsync(turn, 1) : freehold.ReadAsync(turn), Callers).RunAsync(8_000);
        var (most, looks) = (0, 0);
        while (!working.IsCompleted)
        {
            most = Math.Max(most, await TenantDatabase.ConnectionsAsync(watching, Counted));
            looks++;
        }

        await working;
        report.Facts($"(c) Server connections, {freehold.Tenants.Count} tenants, {Callers} callers",
        [
            new($"most seen in {looks} looks at pg_stat_activity", $"{most}", $"≤ {TenantDatabase.PoolSize}", most <= TenantDatabase.PoolSize),
        ]);
    }

    private static async Task<IReadOnlyList<Fact>> WeighAsync(
        TenantDatabase database, string store, bool isWritable, Action<MultiTenancyBuilder> use)
    {
        var services = new ServiceCollection();
        services.AddMultiTenancy(tenancy =>
        {
            tenancy.UseNpgsql(database.Pool("weighed")).IsolateBy(Isolation.Schema).AddDbContext<TenantDb>();
            use(tenancy);
        });
        await using var provider = services.BuildServiceProvider();
        var admission = provider.GetRequiredService<TenantAdmission>();
        var registry = isWritable ? provider.GetRequiredService<ITenantRegistry>() : null;

        // What the first tenant costs is the application's own: the model, the pools, compiled queries.
        var ids = database.Tenants.Select(tenant => tenant.Id.Value).ToArray();
        foreach (var id in ids.Take(10))
        {
            await KnowAsync(registry, id);
            await VisitAsync(provider, await admission.AdmitAsync(id));
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var id in ids.Skip(10))
        {
            await KnowAsync(registry, id);
            await admission.AdmitAsync(id);
        }

        var known = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var id in ids.Skip(10))
        {
            await VisitAsync(provider, await admission.AdmitAsync(id));
        }

        var visited = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(ids);
        return [Weighed($"{store}: known", known - before), Weighed($"{store}: known and visited", visited - before, isHeldToAim: true)];

        Fact Weighed(string what, long bytes, bool isHeldToAim = false)
        {
            var each = (double)bytes / (ids.Length - 10);
            return isHeldToAim ? new(what, Units.Bytes(each), $"< {MostBytes} B", each < MostBytes) : new(what, Units.Bytes(each));
        }
    }

    // New strings: the ids of the benchmark's own list are not the tenants' weight, those of a real store are.
    private static Task KnowAsync(ITenantRegistry? registry, string id) => registry?.AddAsync(new Tenant(new string(id))) ?? Task.CompletedTask;

    private static async Task VisitAsync(IServiceProvider provider, Tenant tenant)
    {
        using var entered = TenantScope.Enter(tenant);
        await using var scope = provider.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TenantDb>().Orders.FindAsync(1);
    }

    /// <summary>Makes a record anew whenever it is asked, as a store does that reads it from somewhere.</summary>
    internal sealed class GeneratedStore(TenantDatabase database) : ITenantStore
    {
        public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) => new(new Tenant(new string(id.Value)));

        public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => database.Tenants.ToAsyncEnumerable();
    }
}
