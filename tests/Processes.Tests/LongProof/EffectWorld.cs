using Freehold.Processes.Host;
using Freehold.Processes.Host.Effects;
using Freehold.Shared;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Freehold.Processes.Tests.LongProof;

/// <summary>Fifty tenants' schemas, the near host that orders, and what the schemas hold in the end.</summary>
internal sealed class EffectWorld : IAsyncDisposable
{
    // Without progress for this long, nothing more comes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly EffectWay _way;
    private readonly IHost _near;
    private readonly NpgsqlDataSource _database;

    private EffectWorld(HostSettings settings, IHost near, NpgsqlDataSource database)
    {
        Settings = settings;
        _way = (EffectWay)Way.Named(settings.Way);
        _near = near;
        _database = database;
    }

    public HostSettings Settings { get; }

    public static async Task<EffectWorld> CreateAsync(string way, string carrier)
    {
        var connectionString = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(string.Concat(EffectWay.Tenants.Select(tenant => EffectDb.Sql(SchemaOf(tenant)))));
        await command.ExecuteNonQueryAsync();
        var settings = new HostSettings
        {
            Way = way,
            Carrier = carrier,
            Database = connectionString + ";Maximum Pool Size=25",
            SigningKey = Convert.ToBase64String(new byte[32]),
        };
        return new(settings, await NearHost.StartAsync(settings, services => Way.Named(way).AddTenancy(services, settings, new())), database);
    }

    /// <summary>Orders in turn for all tenants; every twentieth fails at first.</summary>
    public static EffectOrdered[] Plan(int count) =>
        [.. Enumerable.Range(0, count).Select(number => new EffectOrdered(Guid.NewGuid(), EffectWay.Tenants[number % EffectWay.Tenants.Count], number % 20 == 7))];

    /// <summary>Sends each order in the name of its owner, or of whom <paramref name="nameOf"/> says.</summary>
    public Task OrderAsync(IEnumerable<EffectOrdered> orders, Func<EffectOrdered, string>? nameOf = null) =>
        Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (order, _) =>
        {
            using var scope = TenantScope.Enter(new Tenant(nameOf?.Invoke(order) ?? order.Owner));
            await _way.OrderAsync(_near.Services, order);
        });

    /// <summary>Waits until there are so many effects, wherever they are. It returns without them when no more come.</summary>
    public async Task WaitForAsync(int effects)
    {
        var (seen, since) = (0L, Environment.TickCount64);
        while (seen < effects && Environment.TickCount64 - since < Patience.TotalMilliseconds)
        {
            await Task.Delay(Poll);
            var now = (await ReadAsync()).Count;
            (seen, since) = now > seen ? (now, Environment.TickCount64) : (seen, since);
        }
    }

    /// <summary>All effects of all tenants.</summary>
    public async Task<IReadOnlyList<Found>> ReadAsync()
    {
        await using var command = _database.CreateCommand(string.Join(" UNION ALL ", EffectWay.Tenants.Select(tenant =>
            $"""SELECT "Key", '{tenant}', "Owner", "Runs" FROM "{SchemaOf(tenant)}"."Effects" """)));
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<Found>();
        while (await reader.ReadAsync())
        {
            found.Add(new(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3)));
        }

        return found;
    }

    /// <summary>Changes the effects behind everybody's back.</summary>
    public async Task TamperAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public static string SchemaOf(string tenant) => $"tenant_{tenant}";

    public async ValueTask DisposeAsync()
    {
        await _near.StopAsync();
        _near.Dispose();
        await _database.DisposeAsync();
    }
}

/// <summary>An effect, in whose schema it is, whose it should be, and how often its order was worked off.</summary>
internal sealed record Found(Guid Key, string In, string Owner, int Runs);
