using Microsoft.EntityFrameworkCore;

namespace Freehold;

/// <summary>
/// Data that every tenant begins with. Registered with <c>AddSeed</c>, applied once to each tenant by <see cref="ITenantSeeder"/>; its dependencies come from a DI
/// scope in which the tenant is current.
/// </summary>
/// <typeparam name="TContext">A context registered with <c>AddDbContext</c>.</typeparam>
public interface ITenantSeed<TContext> where TContext : DbContext
{
    /// <summary>
    /// Adds the data. It runs in a transaction of the context, together with the record that it ran: what it does through <paramref name="context"/> is there as
    /// a whole or not at all. Changes that it has not saved are saved after it. A connection that retries may call it more than once.
    /// </summary>
    Task SeedAsync(TContext context, CancellationToken cancellationToken);
}
