using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Hosting;

/// <summary>Every context that was leased or that read or wrote something, and which of them have not been returned.</summary>
public sealed class LeaseCount : DbCommandInterceptor
{
    private readonly ConcurrentDictionary<DbContextId, DbContext> _seen = new();

    public int Seen => _seen.Count;

    // A context that went back, to the pool too, is disposed until it is leased again, and then has another id.
    public int Alive => _seen.Count(one => IsLeased(one.Value, one.Key));

    /// <summary>Waits until all went back: clean-ups run when a result is complete, which can be after the client has it. Nothing tells of it, so it looks again.</summary>
    public async Task ShouldAllReturnAsync()
    {
        using var patience = new CancellationTokenSource(Contracts.Visit.Patience);
        while (Alive > 0 && !patience.IsCancellationRequested)
        {
            await Task.Delay(10);
        }

        Alive.ShouldBe(0);
    }

    /// <summary>Puts itself around the factory that [TenantDb] asks.</summary>
    public void CountFactory(IServiceCollection services)
    {
        var factory = services.Single(service => service.ServiceType == typeof(ITenantDbContextFactory<>)).ImplementationType!.MakeGenericType(typeof(ShopDb));
        services.AddSingleton<ITenantDbContextFactory<ShopDb>>(provider => new Factory((ITenantDbContextFactory<ShopDb>)provider.GetRequiredService(factory), this));
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        See(eventData.Context!);
        return new(result);
    }

    private static bool IsLeased(DbContext context, DbContextId id)
    {
        try
        {
            _ = context.Database;
            return context.ContextId == id;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private ShopDb See(ShopDb context)
    {
        See((DbContext)context);
        return context;
    }

    private void See(DbContext context) => _seen[context.ContextId] = context;

    private sealed class Factory(ITenantDbContextFactory<ShopDb> inner, LeaseCount count) : ITenantDbContextFactory<ShopDb>
    {
        public ShopDb Create() => count.See(inner.Create());

        public ShopDb Create(Tenant tenant) => count.See(inner.Create(tenant));
    }
}
