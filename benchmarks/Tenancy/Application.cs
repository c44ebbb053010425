using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>
/// An application that serves requests: each has a DI scope, its tenant, and a context injected into it. What tenancy costs is the
/// difference between how two of them do that.
/// </summary>
internal abstract class Application(TenantDatabase database) : IAsyncDisposable
{
    // Tenants follow each other in an order without neighbours: the golden ratio's.
    private const uint Step = 2654435769;

    public TenantDatabase Database { get; } = database;

    public IReadOnlyList<Tenant> Tenants { get; init; } = database.Tenants;

    /// <summary>A point read by key for the tenant whose turn it is.</summary>
    public abstract Task ReadAsync(int turn);

    /// <summary>That many notes inserted by one SaveChanges.</summary>
    public abstract Task InsertAsync(int turn, int notes);

    /// <summary>Opens that many of the application's pooled connections, and lets each of their backends touch all tenants' tables.</summary>
    public async Task TouchAsync(int connections)
    {
        var holding = new Stack<IAsyncDisposable>();
        try
        {
            for (var i = 0; i < connections; i++)
            {
                var (connection, hold) = await OpenAsync();
                holding.Push(hold);
                await Database.TouchAllAsync(connection);
            }
        }
        finally
        {
            while (holding.TryPop(out var hold))
            {
                await hold.DisposeAsync();
            }
        }
    }

    public abstract ValueTask DisposeAsync();

    protected Tenant TenantOf(int turn) => Tenants[(int)(((uint)turn * Step) % (uint)Tenants.Count)];

    protected static int KeyOf(int turn) => 1 + (turn % TenantDatabase.OrdersEach);

    protected abstract Task<(DbConnection Connection, IAsyncDisposable Hold)> OpenAsync();

    protected static async Task ReadAsync(ShopDb db, int key)
    {
        var order = await db.Orders.SingleAsync(order => order.Id == key);
        if (order.Total != key)
        {
            throw new InvalidOperationException($"Order {key} was read with the total {order.Total}.");
        }
    }

    protected static async Task InsertAsync(ShopDb db, Tenant tenant, int notes)
    {
        for (var i = 0; i < notes; i++)
        {
            db.Notes.Add(new() { Owner = tenant.Id.Value, Text = "a note as long as notes tend to be" });
        }

        await db.SaveChangesAsync();
    }
}

/// <summary>One that uses EF Core in some way.</summary>
internal abstract class EfApplication<TContext>(TenantDatabase database) : Application(database) where TContext : ShopDb
{
    private readonly Lock _building = new();
    private ServiceProvider? _services;

    protected IServiceProvider Services => _services ?? Build();

    public override async Task ReadAsync(int turn)
    {
        var tenant = TenantOf(turn);
        using var entered = Enter(tenant);
        await using var scope = Services.CreateAsyncScope();
        Prepare(scope.ServiceProvider, tenant);
        await ReadAsync(scope.ServiceProvider.GetRequiredService<TContext>(), tenant, KeyOf(turn));
    }

    public override async Task InsertAsync(int turn, int notes)
    {
        var tenant = TenantOf(turn);
        using var entered = Enter(tenant);
        await using var scope = Services.CreateAsyncScope();
        Prepare(scope.ServiceProvider, tenant);
        await InsertAsync(scope.ServiceProvider.GetRequiredService<TContext>(), tenant, notes);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }
    }

    protected abstract void Configure(IServiceCollection services);

    protected virtual Task ReadAsync(TContext db, Tenant tenant, int key) => ReadAsync(db, key);

    /// <summary>Makes the tenant known to what is not injected, if the application has such a thing.</summary>
    protected virtual IDisposable? Enter(Tenant tenant) => null;

    /// <summary>Makes the tenant known to the scope.</summary>
    protected virtual void Prepare(IServiceProvider scope, Tenant tenant)
    {
    }

    protected override async Task<(DbConnection Connection, IAsyncDisposable Hold)> OpenAsync()
    {
        var scope = Services.CreateAsyncScope();
        using var entered = Enter(Tenants[0]);
        Prepare(scope.ServiceProvider, Tenants[0]);
        var database = scope.ServiceProvider.GetRequiredService<TContext>().Database;
        await database.OpenConnectionAsync();
        return (database.GetDbConnection(), scope);
    }

    private ServiceProvider Build()
    {
        lock (_building)
        {
            var services = new ServiceCollection();
            Configure(services);
            return _services ??= services.BuildServiceProvider();
        }
    }
}
