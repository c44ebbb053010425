using Freehold.Testing.Leaks;
using Microsoft.EntityFrameworkCore;

namespace Freehold;

/// <summary>
/// Hunts for rows that cross from tenant to tenant in a DbContext of yours: many workers for many tenants on few connections, in every way EF Core
/// reads and writes, cancelled at random, on a real PostgreSQL (<see cref="TestPostgres"/>). Rows are made from the model, each with values that
/// only its tenant has. Positive controls put defects in on purpose; what they do not turn up is reported, too.
/// </summary>
/// <typeparam name="TContext">A context that <c>register</c> registers with <c>AddDbContext</c>.</typeparam>
/// <param name="register">
/// What the application does within <c>AddMultiTenancy</c>, given the connection string to use; without tenants, which are the suite's.
/// </param>
/// <param name="configure">Changes the defaults of <see cref="TenantLeakOptions"/>.</param>
public sealed class TenantLeakSuite<TContext>(Action<MultiTenancyBuilder, string> register, Action<TenantLeakOptions>? configure = null)
    where TContext : DbContext
{
    /// <summary>
    /// Creates a database, provisions the tenants with the context's migrations (or, where it has none, with tables made from its model), hunts, and
    /// runs the controls.
    /// </summary>
    /// <exception cref="ServerMissingException">There is no PostgreSQL, and none could be started.</exception>
    /// <exception cref="MultiTenancyConfigurationException">The options, the registration or the model cannot work.</exception>
    public async Task<TenantLeakReport> RunAsync(CancellationToken cancellationToken = default)
    {
        var options = new TenantLeakOptions();
        configure?.Invoke(options);
        options.Check();
        var world = await LeakWorld<TContext>.CreateAsync(register, options, cancellationToken).ConfigureAwait(false);
        await using var disposing = world.ConfigureAwait(false);
        await world.SeedAsync(cancellationToken).ConfigureAwait(false);

        var hunt = new LeakHunt<TContext>(world, options);
        await hunt.RunAsync(cancellationToken).ConfigureAwait(false);
        await new ForgedWrites<TContext>(world, hunt.Findings).RunAsync(cancellationToken).ConfigureAwait(false);
        if (world.IsPooled)
        {
            foreach (var found in await Strangers.LookAsync(world, options.Workers, cancellationToken).ConfigureAwait(false))
            {
                hunt.Findings.Enqueue(found);
            }
        }

        var blind = await new LeakControls<TContext>(world, options).RunAsync(cancellationToken).ConfigureAwait(false);
        return new(
            [.. hunt.Findings.Distinct()],
            blind,
            [.. world.Entities.Select(entity => entity.Name)],
            hunt.Done.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(),
            hunt.Cancelled);
    }
}
