using System.Collections.Concurrent;
using System.Data.Common;
using Freehold.Core.Data.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

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
            if (!await FindsAsync(world.Services, swapped, world.Tenants, entity, "query", cancellationToken).ConfigureAwait(false))
            {
                blind.Add($"{entity.Name}: rows of another tenant are not told from a tenant's own");
            }
        }

        var bySchema = By(Isolation.Schema);
        if (bySchema.Select(tenant => world.PlacementOf(tenant).Schema).Distinct().Count() > 1)
        {
            var stale = world.Build(defect => defect.AddInterceptors(new StaleText([.. bySchema.Select(tenant => world.PlacementOf(tenant).QuotedSchema!)])));
            await using var disposing = stale.ConfigureAwait(false);
            if (!await FindsAnyAsync(stale, bySchema, "query", cancellationToken).ConfigureAwait(false))
            {
                blind.Add("SQL that was cached without its tenant is not noticed");
            }
        }

        if (world.IsPooled && world.Entities.Any(entity => entity.IsPlain) && !await FindsOutlivingSessionsAsync(cancellationToken).ConfigureAwait(false))
        {
            blind.Add("sessions behind the pooler that outlive their transactions are not noticed");
        }

        // The last one: the policies stay away from a database that is thrown away next.
        if (By(Isolation.Row).Length > 1 && world.Entities.Any(entity => entity.IsPlain))
        {
            await world.DisablePoliciesAsync(cancellationToken).ConfigureAwait(false);
            if (!await FindsAnyAsync(world.Services, By(Isolation.Row), "raw scalar", cancellationToken).ConfigureAwait(false))
            {
                blind.Add("rows that no policy guards are not noticed");
            }
        }

        return blind;
    }

    private Tenant[] By(Isolation isolation) => [.. world.Tenants.Where(tenant => world.PlacementOf(tenant).Isolation == isolation)];

    // An application that knew of the pooler when it was asked whether it is safe, and forgot.
    private async Task<bool> FindsOutlivingSessionsAsync(CancellationToken cancellationToken)
    {
        var forgetful = world.Build();
        await using var disposing = forgetful.ConfigureAwait(false);
        if (await FindsAnyAsync(forgetful, world.Tenants, "query", cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        foreach (var server in forgetful.GetRequiredService<IEnumerable<NpgsqlServer>>())
        {
            server.Options.Pooler = PoolerMode.None;
        }

        return await FindsAnyAsync(forgetful, world.Tenants, "raw scalar", cancellationToken).ConfigureAwait(false)
            || (await Strangers.LookAsync(world, options.Workers, cancellationToken).ConfigureAwait(false)).Count > 0;
    }

    private async Task<bool> FindsAnyAsync(IServiceProvider services, IReadOnlyList<Tenant> tenants, string operation, CancellationToken cancellationToken)
    {
        foreach (var entity in world.Entities)
        {
            if (await FindsAsync(services, options.Ways[0], tenants, entity, operation, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    // By the rows and by their number: either would do.
    private static async Task<bool> FindsAsync(
        IServiceProvider services, TenantWay way, IReadOnlyList<Tenant> tenants, EntityWork<TContext> entity, string operation, CancellationToken cancellationToken)
    {
        if (entity.Operations.FirstOrDefault(one => one.Name == operation) is not { } run)
        {
            return false;
        }

        foreach (var tenant in tenants)
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
