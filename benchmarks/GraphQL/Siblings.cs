using Freehold.Benchmarks.Tenancy;
using HotChocolate.Execution;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable CA1822 // HotChocolate calls resolvers on an instance.

namespace Freehold.Benchmarks.GraphQL;

/// <summary>An application with a GraphQL schema over the tenants' orders.</summary>
internal abstract class SiblingApplication<TContext>(TenantDatabase database) : EfApplication<TContext>(database) where TContext : ShopDb
{
    private static readonly IOperationRequest Four = OperationRequestBuilder.New()
        .SetDocument("{ a: total(id: 1) b: total(id: 2) c: total(id: 3) d: total(id: 4) }").Build();

    private IRequestExecutor? _executor;

    public override async Task ReadAsync(int turn)
    {
        var executor = _executor ??= await Services.GetRequiredService<IRequestExecutorProvider>().GetExecutorAsync();
        using var entered = Enter(TenantOf(turn));
        await using var result = await executor.ExecuteAsync(Four);
        if (result.ExpectOperationResult() is { Errors.Count: > 0 } failed)
        {
            throw new InvalidOperationException($"A query failed: {failed.Errors[0].Message}", failed.Errors[0].Exception);
        }
    }
}

/// <summary>What HotChocolate recommends: a context for each resolver from EF's pooled factory.</summary>
internal sealed class FactorySiblings(TenantDatabase database, string name = "factory") : SiblingApplication<PlainDb>(database)
{
    protected override void Configure(IServiceCollection services) => services
        .AddPooledDbContextFactory<PlainDb>(options => options.UseNpgsql(Database.Pool(name)))
        .AddLogging().AddGraphQL().AddQueryType<Query>();

    public sealed class Query
    {
        public async Task<int> TotalAsync(int id, IDbContextFactory<PlainDb> contexts)
        {
            await using var db = await contexts.CreateDbContextAsync();
            return (await db.Orders.SingleAsync(order => order.Id == id)).Total;
        }
    }
}

/// <summary>What HotChocolate does by default: the resolver's scope has the context.</summary>
internal sealed class InjectedSiblings(TenantDatabase database) : SiblingApplication<PlainDb>(database)
{
    protected override void Configure(IServiceCollection services) => services
        .AddDbContextPool<PlainDb>(options => options.UseNpgsql(Database.Pool("injected")))
        .AddLogging().AddGraphQL().AddQueryType<Query>();

    public sealed class Query
    {
        public async Task<int> TotalAsync(int id, PlainDb db) => (await db.Orders.SingleAsync(order => order.Id == id)).Total;
    }
}

/// <summary>A schema per tenant with Freehold and without its adapter: each resolver leases its context from the factory by itself.</summary>
internal sealed class ByHandSiblings(TenantDatabase database, string name = "by hand") : SiblingApplication<TenantDb>(database)
{
    protected override void Configure(IServiceCollection services)
    {
        FreeholdApplication.Configure(services, Database, name);
        services.AddLogging().AddGraphQL().AddQueryType<Query>();
    }

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);

    public sealed class Query
    {
        public async Task<int> TotalAsync(int id, ITenantDbContextFactory<TenantDb> contexts)
        {
            await using var db = contexts.Create();
            return (await db.Orders.SingleAsync(order => order.Id == id)).Total;
        }
    }
}

/// <summary>A schema per tenant with Freehold.</summary>
internal sealed class FreeholdSiblings(TenantDatabase database) : SiblingApplication<TenantDb>(database)
{
    protected override void Configure(IServiceCollection services)
    {
        FreeholdApplication.Configure(services, Database, "siblings");
        services.AddLogging().AddGraphQL().AddMultiTenancy().AddQueryType<Query>();
    }

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);

    public sealed class Query
    {
        public async Task<int> TotalAsync(int id, [TenantDb] TenantDb db) => (await db.Orders.SingleAsync(order => order.Id == id)).Total;
    }
}
