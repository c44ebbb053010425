using Microsoft.EntityFrameworkCore;

namespace Freehold.Integrations.HotChocolate.Resolvers;

/// <summary>EF's own factory over Freehold's, for what asks for that one: <c>RegisterDbContextFactory</c>. Made for the tenant that is current.</summary>
internal sealed class TenantContexts<TContext>(ITenantDbContextFactory<TContext> factory) : IDbContextFactory<TContext> where TContext : DbContext
{
    public TContext CreateDbContext() => factory.Create();
}
