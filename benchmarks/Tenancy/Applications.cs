using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>No tenants: pooled contexts, one schema, one pool of connections.</summary>
internal sealed class PlainApplication(TenantDatabase database, string connectionString) : EfApplication<PlainDb>(database)
{
    public PlainApplication(TenantDatabase database) : this(database, database.Pool("plain"))
    {
    }

    protected override void Configure(IServiceCollection services) => services.AddDbContextPool<PlainDb>(options => options.UseNpgsql(connectionString));
}

/// <summary>A schema per tenant with Freehold.</summary>
internal sealed class FreeholdApplication(TenantDatabase database, string name = "freehold") : EfApplication<TenantDb>(database)
{
    public static void Configure(IServiceCollection services, TenantDatabase database, string name = "freehold") => services.AddMultiTenancy(tenancy => tenancy
        .UseNpgsql(database.Pool(name)).IsolateBy(Isolation.Schema).UseTenants([.. database.Tenants]).AddDbContext<TenantDb>());

    protected override void Configure(IServiceCollection services) => Configure(services, Database, name);

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);
}

/// <summary>The search path set whenever a connection opens: one more round trip.</summary>
internal sealed class SetAtOpenApplication(TenantDatabase database) : EfApplication<SearchPathDb>(database)
{
    protected override void Configure(IServiceCollection services) =>
        services.AddDbContextPool<SearchPathDb>(options => options.UseNpgsql(Database.Pool("set at open")).AddInterceptors(new Setter()));

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);

    private sealed class Setter : DbConnectionInterceptor
    {
        public override async Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SET search_path TO \"{TenantDatabase.Schema(TenantScope.Current!)}\"";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}

/// <summary>A data source per tenant, whose connections start on the tenant's search path.</summary>
internal sealed class SourcePerTenantApplication(TenantDatabase database) : EfApplication<SearchPathDb>(database)
{
    // One connection each: a hundred tenants would otherwise take more than a server has.
    private const int ConnectionsEach = 1;

    private readonly ConcurrentDictionary<string, string> _connectionStrings = new();

    protected override void Configure(IServiceCollection services)
    {
        services.AddScoped<CurrentSchema>();
        services.AddDbContext<SearchPathDb>((scope, options) => options.UseNpgsql(ConnectionString(scope.GetRequiredService<CurrentSchema>().Name)));
    }

    protected override void Prepare(IServiceProvider scope, Tenant tenant) =>
        scope.GetRequiredService<CurrentSchema>().Name = TenantDatabase.Schema(tenant);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
    }

    private string ConnectionString(string schema) => _connectionStrings.GetOrAdd(
        schema, static (name, database) => $"{database.Pool("a source per tenant", ConnectionsEach)};Search Path={name}", Database);
}

/// <summary>A model per schema.</summary>
internal sealed class ModelPerSchemaApplication(TenantDatabase database) : EfApplication<ModelPerSchemaDb>(database)
{
    protected override void Configure(IServiceCollection services)
    {
        services.AddScoped<CurrentSchema>();
        services.AddDbContext<ModelPerSchemaDb>(options =>
            options.UseNpgsql(Database.Pool("a model per schema")).ReplaceService<IModelCacheKeyFactory, ModelPerSchemaDb.CacheKey>());
    }

    protected override void Prepare(IServiceProvider scope, Tenant tenant) =>
        scope.GetRequiredService<CurrentSchema>().Name = TenantDatabase.Schema(tenant);
}

/// <summary>No EF: SQL with the tenant's qualified name, on a pool of the same size.</summary>
internal sealed class RawApplication(TenantDatabase database) : Application(database)
{
    private readonly NpgsqlDataSource _dataSource = NpgsqlDataSource.Create(database.Pool("raw"));

    public override async Task ReadAsync(int turn)
    {
        var key = KeyOf(turn);
        await using var connection = await _dataSource.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            $"SELECT \"Id\", \"Owner\", \"Total\" FROM \"{TenantDatabase.Schema(TenantOf(turn))}\".\"Orders\" WHERE \"Id\" = $1 LIMIT 2", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var order = new Order { Id = reader.GetInt32(0), Owner = reader.GetString(1), Total = reader.GetInt32(2) };
        if (order.Total != key || await reader.ReadAsync())
        {
            throw new InvalidOperationException($"Order {key} was read with the total {order.Total}.");
        }
    }

    public override Task InsertAsync(int turn, int notes) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => _dataSource.DisposeAsync();

    protected override async Task<(DbConnection Connection, IAsyncDisposable Hold)> OpenAsync()
    {
        var connection = await _dataSource.OpenConnectionAsync();
        return (connection, connection);
    }
}
