using System.Data.Common;
using Freehold.Core.Data;
using Freehold.Operations.Places;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Migrating;

/// <summary>Runs EF's migrations of all contexts on one site, whose lock the caller holds.</summary>
internal sealed class SiteMigrator(
    IServiceProvider services, IEnumerable<ContextRegistration> registrations, TenantPlaces places, IOptions<TenantOperationsOptions> options)
{
    private readonly (bool IsShared, ContextMigrator Migrator)[] _migrators =
        [.. registrations.Select(context => (context.IsForSharedTables, ContextMigrator.Of(services, context.Type)))];

    public bool HasSharedContexts => _migrators.Any(context => context.IsShared);

    /// <summary>Applies what is pending.</summary>
    public async Task<IReadOnlyList<TenantMigration>> MigrateAsync(Site site, CancellationToken cancellationToken)
    {
        var applied = await RunAsync(site, ProtectedAsync, cancellationToken).ConfigureAwait(false);
        if (applied.Count > 0)
        {
            await places.RefreshAsync(site, cancellationToken).ConfigureAwait(false);
        }

        return applied;
    }

    /// <summary>What is pending.</summary>
    public Task<IReadOnlyList<TenantMigration>> PendingAsync(Site site, CancellationToken cancellationToken) =>
        RunAsync(site, (_, _, context, token) => context.Database.GetPendingMigrationsAsync(token), cancellationToken);

    private async Task<IEnumerable<string>> ProtectedAsync(Site site, DbConnection connection, DbContext context, CancellationToken cancellationToken)
    {
        var applied = await MigrateAsync(connection, context, cancellationToken).ConfigureAwait(false);
        await places.ProtectAsync(site, connection, cancellationToken).ConfigureAwait(false);
        return applied;
    }

    private async Task<IEnumerable<string>> MigrateAsync(DbConnection connection, DbContext context, CancellationToken cancellationToken)
    {
        var pending = await context.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false);
        if (connection is SqliteConnection)
        {
            await SqlitePlaces.ClearStaleLockAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        context.Database.SetCommandTimeout(options.Value.CommandTimeoutSeconds);
        await context.Database.MigrateAsync(cancellationToken).ConfigureAwait(false);
        return pending;
    }

    private async Task<IReadOnlyList<TenantMigration>> RunAsync(
        Site site, Func<Site, DbConnection, DbContext, CancellationToken, Task<IEnumerable<string>>> run, CancellationToken cancellationToken)
    {
        // What migrations seed, and what contexts get injected, sees the tenant whose tables these are; or none.
        using var ambient = site.Tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(site.Tenant);
        var connection = await places.OpenAsync(site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var __ = scope.ConfigureAwait(false);
        var done = new List<TenantMigration>();
        var owners = new Dictionary<(string History, string Id), string>();
        foreach (var (_, migrator) in _migrators.Where(context => context.IsShared == site.Tenant is null))
        {
            var context = migrator.Open(site, connection, scope.ServiceProvider);
            await using var ___ = context.ConfigureAwait(false);
            RefuseTwins(context, owners);
            await places.BeginAsync(site, connection, cancellationToken).ConfigureAwait(false);
            var ids = await run(site, connection, context, cancellationToken).ConfigureAwait(false);
            done.AddRange(ids.Select(id => new TenantMigration(context.GetType().Name, id)));
        }

        return done;
    }

    // EF knows an applied migration by its id alone: of two contexts with one history table the second would be skipped.
    private static void RefuseTwins(DbContext context, Dictionary<(string History, string Id), string> owners)
    {
        var name = context.GetType().Name;
        var (history, ids) = ContextMigrator.Migrations(context);
        foreach (var id in ids)
        {
            if (!owners.TryAdd((history, id), name))
            {
                throw new MultiTenancyConfigurationException(
                    $"{owners[(history, id)]} and {name} both have a migration '{id}' in the history table '{history}', so the second would never be applied. "
                    + "Give one of them a table of its own with MigrationsHistoryTable.");
            }
        }
    }
}
