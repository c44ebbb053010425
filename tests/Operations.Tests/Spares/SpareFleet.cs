using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Operations.Tests.Spares;

/// <summary>What tests of spares ask a fleet.</summary>
internal static class SpareFleet
{
    public static ITenantSpares Spares(this Fleet fleet) => fleet.Services.GetRequiredService<ITenantSpares>();

    public static ValueTask<Tenant[]> SparesAsync(this Fleet fleet) => fleet.Store.ListAsync().Where(tenant => tenant.State == TenantState.Spare).ToArrayAsync();

    public static async Task<Tenant> FindAsync(this Fleet fleet, string id)
    {
        fleet.Services.GetRequiredService<ITenantCache>().Clear();
        return (await fleet.Store.FindAsync(TenantId.Parse(id)))!;
    }

    /// <summary>What the server says in the place that a record names.</summary>
    public static async Task<object?> AskAsync(this Fleet fleet, Tenant tenant, string sql)
    {
        await using System.Data.Common.DbConnection connection = fleet.ConnectionString is null
            ? new SqliteConnection($"Data Source={Path.Combine(fleet.Directory, tenant.Placement!.Database!)};Pooling=false;Mode=ReadWrite")
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(fleet.ConnectionString)
            {
                Pooling = false,
                Database = tenant.Placement!.Database ?? new NpgsqlConnectionStringBuilder(fleet.ConnectionString).Database,
                SearchPath = tenant.Placement.Schema is { } schema ? $"\"{schema}\"" : "public",
            }.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Whose the server says that the place is.</summary>
    public static Task<object?> MarkAsync(this Fleet fleet, Tenant tenant) => fleet.AskAsync(tenant, tenant.Placement!.Isolation == Isolation.Schema
        ? "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = current_schema()"
        : "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()");

    /// <summary>Adds an order of a tenant by the application's own way, and returns all it sees.</summary>
    public static Task<List<string>> OrderAsync(this Fleet fleet, string tenant, string item) => fleet.InAsync<ShopDb, List<string>>(tenant, async db =>
    {
        db.Add(new Order { Item = item });
        await db.SaveChangesAsync();
        return await db.Orders.Select(order => order.Item).OrderBy(order => order).ToListAsync();
    });

    /// <summary>Databases live on the server, so whoever has a placement must be dropped.</summary>
    public static async Task DropAllAsync(this Fleet fleet)
    {
        foreach (var tenant in await fleet.Store.ListAsync().Where(tenant => tenant.State != TenantState.Deleted).ToArrayAsync())
        {
            await fleet.Provisioner.DropAsync(tenant);
        }
    }
}
