using System.Data.Common;
using Freehold.Operations.Places;
using Freehold.Operations.Running;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold.Operations.Migrating;

/// <summary>Migrates all contexts on one site, whose lock the caller holds.</summary>
internal sealed class SiteMigrator(
    IServiceProvider services, MigrationScripts scripts, ScriptRunner runner, TenantPlaces places, IOptions<TenantOperationsOptions> options)
{
    public bool HasSharedContexts => scripts.HasSharedContexts;

    /// <summary>Applies what is pending, on a connection of its own.</summary>
    public async Task<IReadOnlyList<TenantMigration>> MigrateAsync(Site site, CancellationToken cancellationToken)
    {
        var connection = await places.OpenAsync(site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await places.ClaimAsync(site, connection, cancellationToken).ConfigureAwait(false);
        var applied = await MigrateAsync(site, connection, new(cancellationToken, cancellationToken)).ConfigureAwait(false);
        if (applied.Count > 0)
        {
            await places.RefreshAsync(site, cancellationToken).ConfigureAwait(false);
        }

        return applied;
    }

    /// <summary>
    /// Applies what is pending of all contexts in one transaction and one round trip, if each step can be in one and the histories are still as they were
    /// planned for.
    /// </summary>
    /// <returns>Null where that was not so, or failed, and nothing was done: <see cref="MigrateAsync(Site, DbConnection, Stopping)"/> is the way.</returns>
    public async Task<IReadOnlyList<TenantMigration>?> TryAtOnceAsync(SiteState state, NpgsqlConnection connection, string path, Stopping stopping)
    {
        var contexts = scripts.Of(state.Site, connection);
        return contexts.Count != state.Histories.Count || contexts.Any(context => context.IdColumn is null || context.HasSeeding) || places.HasSessionOf(state.Site)
            ? null
            : await runner.TryAtOnceAsync(connection, state.Site, places.SchemaOf(state.Site)!, [.. contexts.Zip(state.Histories)], path, stopping).ConfigureAwait(false);
    }

    /// <summary>Applies what is pending, on a connection whose unqualified names mean the site's tables.</summary>
    public async Task<IReadOnlyList<TenantMigration>> MigrateAsync(Site site, DbConnection connection, Stopping stopping)
    {
        using var ambient = Enter(site);
        var done = new List<TenantMigration>();
        foreach (var context in scripts.Of(site, connection))
        {
            stopping.Stop.ThrowIfCancellationRequested();
            await places.BeginAsync(site, connection, stopping.Stop).ConfigureAwait(false);
            var applied = connection is NpgsqlConnection npgsql && context.IdColumn is not null
                ? await runner.ApplyAsync(npgsql, site, places.SchemaOf(site)!, context, stopping).ConfigureAwait(false)
                : [];
            if (context.IdColumn is null || connection is not NpgsqlConnection || context.HasSeeding)
            {
                applied = [.. applied, .. await WithEfAsync(site, connection, context, stopping).ConfigureAwait(false)];
            }

            await places.ProtectAsync(site, connection, stopping.Stop).ConfigureAwait(false);
            done.AddRange(applied.Select(id => new TenantMigration(context.Name, id)));
        }

        return done;
    }

    /// <summary>What is pending.</summary>
    public async Task<IReadOnlyList<TenantMigration>> PendingAsync(Site site, CancellationToken cancellationToken)
    {
        using var ambient = Enter(site);
        var connection = await places.OpenAsync(site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var __ = scope.ConfigureAwait(false);
        var pending = new List<TenantMigration>();
        foreach (var script in scripts.Of(site, connection))
        {
            var context = script.Migrator.Open(site, connection, scope.ServiceProvider);
            await using var ___ = context.ConfigureAwait(false);
            var ids = await context.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false);
            pending.AddRange(ids.Select(id => new TenantMigration(script.Name, id)));
        }

        return pending;
    }

    // What migrations seed, and what contexts get injected, sees the tenant whose tables these are; or none.
    private static TenantScope Enter(Site site) => site.Tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(site.Tenant);

    // SQLite's migrations, those of users with a migrator of their own, and EF's own seeding, which comes after them.
    private async Task<IReadOnlyList<string>> WithEfAsync(Site site, DbConnection connection, ContextScripts script, Stopping stopping)
    {
        var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var context = script.Migrator.Open(site, connection, scope.ServiceProvider);
        await using var __ = context.ConfigureAwait(false);
        var pending = await context.Database.GetPendingMigrationsAsync(stopping.Abort).ConfigureAwait(false);
        if (connection is SqliteConnection)
        {
            await SqlitePlaces.ClearStaleLockAsync(connection, stopping.Abort).ConfigureAwait(false);
        }

        context.Database.SetCommandTimeout(options.Value.CommandTimeoutSeconds);
        await context.Database.MigrateAsync(stopping.Abort).ConfigureAwait(false);
        return [.. pending];
    }
}
