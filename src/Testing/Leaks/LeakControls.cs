using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Freehold.Testing.Leaks;

/// <summary>Puts defects in on purpose. A suite that does not find them would not find a leak.</summary>
internal sealed class LeakControls<TContext>(LeakWorld<TContext> world, TenantLeakOptions options) where TContext : DbContext
{
    /// <returns>What was not found.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var blind = new List<string>();
        var swapped = TenantWay.Swapped(world.Tenants);
        foreach (var entity in world.Entities)
        {
            if (!await FindsAsync(world.Services, swapped, entity, cancellationToken).ConfigureAwait(false))
            {
                blind.Add($"{entity.Name}: rows of another tenant are not told from a tenant's own");
            }
        }

        var placements = world.Tenants.Select(world.PlacementOf).ToArray();
        if (placements.Where(placement => placement.Isolation == Isolation.Schema).Select(placement => placement.Schema).Distinct().Count() > 1)
        {
            var stale = world.Build(defect => defect.AddInterceptors(new StaleText([.. placements.Select(placement => placement.QuotedSchema!)])));
            await using var disposing = stale.ConfigureAwait(false);
            if (!await FindsAnyAsync(stale, "query", cancellationToken).ConfigureAwait(false))
            {
                blind.Add("SQL that was cached without its tenant is not noticed");
            }
        }

        // The last one: the policies stay away from a database that is thrown away next.
        if (placements.Count(placement => placement.Isolation == Isolation.Row) > 1 && world.Entities.Any(entity => entity.IsPlain))
        {
            await world.DisablePoliciesAsync(cancellationToken).ConfigureAwait(false);
            if (!await FindsAnyAsync(world.Services, "raw scalar", cancellationToken).ConfigureAwait(false))
            {
                blind.Add("rows that no policy guards are not noticed");
            }
        }

        return blind;
    }

    private async Task<bool> FindsAnyAsync(IServiceProvider services, string operation, CancellationToken cancellationToken)
    {
        foreach (var entity in world.Entities)
        {
            if (await FindsAsync(services, options.Ways[0], entity, cancellationToken, operation).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    // By the rows and by their number: either would do.
    private async Task<bool> FindsAsync(IServiceProvider services, TenantWay way, EntityWork<TContext> entity, CancellationToken cancellationToken, string operation = "query")
    {
        if (entity.Operations.FirstOrDefault(one => one.Name == operation) is not { } run)
        {
            return false;
        }

        foreach (var tenant in world.Tenants)
        {
            try
            {
                await way.RunAsync(services, tenant, (scope, token) => LeakRun.OnceAsync(scope, tenant, run, injected: true, token), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (LeakRun.FindingIn(failure) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Remembers the text of a command by its shape, and with it the schema of whoever came first.</summary>
    private sealed class StaleText(string[] schemas) : DbCommandInterceptor
    {
        private readonly ConcurrentDictionary<string, string> _texts = new();

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            var shape = schemas.Aggregate(command.CommandText, (text, schema) => text.Replace(schema, "", StringComparison.Ordinal));
            command.CommandText = _texts.GetOrAdd(shape, command.CommandText);
            return new(result);
        }
    }
}
