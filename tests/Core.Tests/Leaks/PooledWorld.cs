using Freehold.Core.Tests.Data;
using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Leaks;

/// <summary>An application behind a real PgBouncer in transaction mode, with few sessions for all of its connections.</summary>
public sealed class PooledWorld : IAsyncDisposable
{
    private readonly PgBouncer _pooler;
    private readonly TenantWorld _direct;
    private readonly ServiceProvider _services;

    private PooledWorld(TenantWorld direct, PgBouncer pooler, ServiceProvider services, NpgsqlServerOptions server)
    {
        (_direct, _pooler, _services, Server) = (direct, pooler, services, server);
        World = direct.With(services);
    }

    /// <summary>The application, its tenants, and a way to their tables from outside.</summary>
    public TenantWorld World { get; }

    /// <summary>The options that the application was started with; changing them now is a defect on purpose.</summary>
    public NpgsqlServerOptions Server { get; }

    public static async Task<PooledWorld> StartAsync(
        Mix mix, int sessions = 1, int tenants = 2, int orders = 3, Action<DbContextOptionsBuilder>? options = null)
    {
        var direct = await TenantWorld.CreateAsync(mix, tenants, orders);
        var role = await (await PostgresServer.GetAsync()).CreateRoleAsync();
        var schemas = string.Join(
            ", ",
            direct.Tenants.Where(tenant => mix == Mix.Schema || tenant.Placement is not null).Select(tenant => $"\"tenant_{tenant.Id}\"")
                .Concat(mix == Mix.Schema ? ["shared"] : ["tenants", "shared"]));
        await direct.ExecuteAsync($"""
            ALTER ROLE {role} SET search_path TO freehold_nobody;
            GRANT USAGE ON SCHEMA {schemas} TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schemas} TO {role};
            """);
        var pooler = await PgBouncer.StartAsync(PostgresServer.As(role, direct.ConnectionString), sessions);
        NpgsqlServerOptions? settings = null;
        var services = new ServiceCollection()
            .AddMultiTenancy(tenancy => tenancy
                .UseNpgsql(
                    pooler.ConnectionString,
                    server: server =>
                    {
                        server.Pooler = PoolerMode.Transaction;
                        settings = server;
                    })
                .IsolateBy(mix == Mix.Schema ? Isolation.Schema : Isolation.Row).UseTenants([.. direct.Tenants]).AddDbContext<ShopDb>(options).AddSharedDbContext<CatalogDb>())
            .BuildServiceProvider(validateScopes: true);
        return new(direct, pooler, services, settings!);
    }

    /// <summary>What a client that never set anything finds in the session it gets: its path, its role, its tenant, its process.</summary>
    public async Task<(string State, int Backend)> StrangerAsync()
    {
        await using var connection = new NpgsqlConnection(_pooler.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT concat_ws('|', current_setting('search_path'), current_user = session_user, coalesce(current_setting('app.tenant_id', true), '')), pg_backend_pid()",
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetString(0), reader.GetInt32(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _direct.DisposeAsync();
        await _pooler.DisposeAsync();
    }
}
