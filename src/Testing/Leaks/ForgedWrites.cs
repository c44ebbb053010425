using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Testing.Leaks;

/// <summary>
/// One tenant writes with another's keys: detached updates and removals, attached and changed. Refused or without effect: the other tenant's
/// data, read past Freehold, is byte for byte what it was.
/// </summary>
internal sealed class ForgedWrites<TContext>(LeakWorld<TContext> world, ConcurrentQueue<string> findings) where TContext : DbContext
{
    private static readonly (string Name, Action<TContext, object, string?> Forge)[] Attacks =
    [
        ("a detached update", (context, row, _) => context.Update(row)),
        ("a detached removal", (context, row, _) => context.Remove(row)),
        ("an attached row that is changed", (context, row, text) =>
        {
            var entry = context.Attach(row);
            if (text is not null)
            {
                entry.Property(text).CurrentValue = "forged";
            }
        }),
    ];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var attacker in world.Tenants.DistinctBy(tenant => world.PlacementOf(tenant).Isolation))
        {
            foreach (var victim in world.Tenants.Where(tenant => tenant != attacker))
            {
                await AttackAsync(attacker, victim, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task AttackAsync(Tenant attacker, Tenant victim, CancellationToken cancellationToken)
    {
        var before = await world.DigestAsync(victim, cancellationToken).ConfigureAwait(false);
        foreach (var entity in world.Entities)
        {
            if (entity.SeedsOf(victim).FirstOrDefault(seed => !Has(entity, attacker, seed)) is { } theirs)
            {
                await AttackAsync(entity, attacker, victim, theirs, cancellationToken).ConfigureAwait(false);
            }
        }

        if (await world.DigestAsync(victim, cancellationToken).ConfigureAwait(false) is var after && after != before)
        {
            findings.Enqueue($"{attacker.Id} changed the rows of {victim.Id} by their keys: {before} became {after}");
        }
    }

    // A row of another type may have that key where types share a table.
    private bool Has(EntityWork<TContext> entity, Tenant tenant, Seed seed) => world.Entities
        .Where(other => other.Type.GetRootType() == entity.Type.GetRootType())
        .SelectMany(other => other.SeedsOf(tenant)).Any(own => own.Key.SequenceEqual(seed.Key));

    private async Task AttackAsync(EntityWork<TContext> entity, Tenant attacker, Tenant victim, Seed theirs, CancellationToken cancellationToken)
    {
        foreach (var (name, forge) in Attacks)
        {
            if (await LoadAsync(entity, victim, theirs, cancellationToken).ConfigureAwait(false) is not { } row)
            {
                findings.Enqueue($"{victim.Id} misses a {entity.Name} of its own");
                continue;
            }

            using var entered = TenantScope.Enter(attacker);
            var scope = world.Services.CreateAsyncScope();
            await using var disposing = scope.ConfigureAwait(false);
            var context = scope.ServiceProvider.GetRequiredService<TContext>();
            try
            {
                if (await context.FindAsync(entity.Type.ClrType, theirs.Key, cancellationToken).ConfigureAwait(false) is not null)
                {
                    findings.Enqueue($"{attacker.Id} finds a {entity.Name} of {victim.Id} by its key");
                    context.ChangeTracker.Clear();
                }

                forge(context, row, entity.Text?.Name);
                var changed = context.ChangeTracker.HasChanges();
                if (await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false) is > 0 and var rows && changed)
                {
                    findings.Enqueue($"{name} of {victim.Id}'s {entity.Name} changed {rows} rows for {attacker.Id}");
                }
            }
            catch (Exception refusal) when (refusal is DbUpdateException or InvalidOperationException or TenantException)
            {
                // Refused, which is what it should be.
            }
        }
    }

    private async Task<object?> LoadAsync(EntityWork<TContext> entity, Tenant victim, Seed theirs, CancellationToken cancellationToken)
    {
        using var entered = TenantScope.Enter(victim);
        var context = world.Services.GetRequiredService<ITenantDbContextFactory<TContext>>().Create();
        await using var returning = context.ConfigureAwait(false);
        var row = await context.FindAsync(entity.Type.ClrType, theirs.Key, cancellationToken).ConfigureAwait(false);
        context.ChangeTracker.Clear();
        return row;
    }
}
