using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Testing.Leaks;

/// <summary>Many workers for many tenants on few connections, cancelled at random.</summary>
internal sealed class LeakHunt<TContext>(LeakWorld<TContext> world, TenantLeakOptions options) where TContext : DbContext
{
    private int _cancelled;

    public ConcurrentQueue<string> Findings { get; } = [];

    public ConcurrentDictionary<string, int> Done { get; } = new();

    public int Cancelled => _cancelled;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(worker => Task.Run(() => WorkAsync(worker, cancellationToken), cancellationToken))).ConfigureAwait(false);

        // And once more in quiet: what was written must have stayed.
        foreach (var tenant in world.Tenants)
        {
            foreach (var entity in world.Entities)
            {
                await OnceAsync(TenantWay.BuiltIn[0], tenant, entity, entity.Operations[0], injected: true, cancellationToken).ConfigureAwait(false);
            }
        }

        RefuseNobody();
    }

    private async Task WorkAsync(int worker, CancellationToken cancellationToken)
    {
        var random = new Random(options.Seed + worker);
        for (var i = 0; i < options.OperationsPerWorker; i++)
        {
            var tenant = world.Tenants[random.Next(world.Tenants.Count)];
            var entity = world.Entities[random.Next(world.Entities.Count)];
            var operation = entity.Operations[random.Next(entity.Operations.Count)];
            var way = options.Ways[random.Next(options.Ways.Count)];
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (random.Next(8) == 0)
            {
                cancellation.CancelAfter(TimeSpan.FromMicroseconds(random.Next(4000)));
            }

            await OnceAsync(way, tenant, entity, operation, random.Next(2) == 0, cancellation.Token).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task OnceAsync(
        TenantWay way, Tenant tenant, EntityWork<TContext> entity, EntityOperation<TContext> operation, bool injected, CancellationToken cancellationToken)
    {
        try
        {
            await way.RunAsync(world.Services, tenant, (services, token) => LeakRun.OnceAsync(services, tenant, operation, injected, token), cancellationToken).ConfigureAwait(false);
            Done.AddOrUpdate(operation.Name, 1, (_, count) => count + 1);
        }
        catch (Exception failure) when (LeakRun.FindingIn(failure) is null && (cancellationToken.IsCancellationRequested || IsConflict(failure)))
        {
            Interlocked.Increment(ref _cancelled);
        }
        catch (Exception failure)
        {
            var found = LeakRun.FindingIn(failure);
            Findings.Enqueue($"{tenant.Id}, {entity.Name}, {operation.Name} through {way.Name}: {(found is null ? $"{failure.GetType().Name}: {failure.Message}" : found.Message)}");
        }
    }

    // Two workers of one tenant on the same row.
    private static bool IsConflict(Exception failure) =>
        failure is DbUpdateConcurrencyException
        || (failure is PostgresException or InvalidOperationException or DbUpdateException
            && (failure as PostgresException ?? failure.InnerException as PostgresException ?? failure.InnerException?.InnerException as PostgresException)?.SqlState
                is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure);

    private void RefuseNobody()
    {
        using var nobody = TenantScope.EnterNone();
        using var scope = world.Services.CreateScope();
        foreach (var (way, make) in new (string, Func<TContext>)[]
                 {
                     ("injected", () => scope.ServiceProvider.GetRequiredService<TContext>()),
                     ("made by its factory", () => world.Services.GetRequiredService<ITenantDbContextFactory<TContext>>().Create()),
                 })
        {
            try
            {
                using var context = make();
                Findings.Enqueue($"Without a tenant, a context is {way}");
            }
            catch (TenantMissingException)
            {
                Done.AddOrUpdate("without a tenant", 1, (_, count) => count + 1);
            }
        }
    }
}

/// <summary>One operation in one context.</summary>
internal static class LeakRun
{
    public static async Task OnceAsync<TContext>(
        IServiceProvider services, Tenant tenant, EntityOperation<TContext> operation, bool injected, CancellationToken cancellationToken) where TContext : DbContext
    {
        if (injected)
        {
            await operation.RunAsync(services.GetRequiredService<TContext>(), tenant, cancellationToken).ConfigureAwait(false);
            return;
        }

        var context = services.GetRequiredService<ITenantDbContextFactory<TContext>>().Create();
        await using var returning = context.ConfigureAwait(false);
        await operation.RunAsync(context, tenant, cancellationToken).ConfigureAwait(false);
    }

    public static LeakFound? FindingIn(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is LeakFound found)
            {
                return found;
            }
        }

        return null;
    }
}
