using System.Data.Common;
using Freehold.Operations.Places;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Migrating;

/// <summary>What EF itself does: SQLite's migrations, those of users with a migrator or history of their own, and EF's own seeding, which comes after them.</summary>
internal sealed class EfMigrator(IServiceProvider services, IOptions<TenantOperationsOptions> options)
{
    // What migrations seed, and what contexts get injected, sees the tenant whose tables these are; or none.
    public static TenantScope Enter(Site site) => site.Tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(site.Tenant);

    /// <summary>Takes a context to the target, and seeds.</summary>
    public Task MigrateAsync(Site site, DbConnection connection, ContextScripts script, MigrationWay way, Stopping stopping) =>
        UseAsync(site, connection, script, async context =>
        {
            var applied = await AppliedAsync(context, stopping.Abort).ConfigureAwait(false);
            var moves = MigrationCourse.Of(script, applied, [], way.Target);
            if (connection is SqliteConnection)
            {
                await SqlitePlaces.ClearStaleLockAsync(connection, stopping.Abort).ConfigureAwait(false);
            }

            context.Database.SetCommandTimeout(options.Value.CommandTimeoutSeconds);
            foreach (var (move, target) in way.IsOneByOne ? OneByOne(site, script, applied, moves) : [])
            {
                stopping.Stop.ThrowIfCancellationRequested();
                await way.MakeAsync(script.Migration(move), () => context.Database.MigrateAsync(target, stopping.Abort)).ConfigureAwait(false);
            }

            await context.Database.MigrateAsync(way.Target.Id, stopping.Abort).ConfigureAwait(false);
            foreach (var move in way.IsOneByOne ? [] : moves)
            {
                way.Done(script.Migration(move));
            }

            return true;
        });

    /// <summary>Writes rows of a history, in one transaction; runs no migration.</summary>
    /// <exception cref="TenantOperationException">The history is not as expected; nothing was written.</exception>
    public Task MarkAsync(
        Site site, DbConnection connection, ContextScripts script, IReadOnlySet<string>? history, IReadOnlyList<MigrationMove> marked, Stopping stopping) =>
        UseAsync(site, connection, script, async context =>
        {
            stopping.Stop.ThrowIfCancellationRequested();
            if (!(await AppliedAsync(context, stopping.Abort).ConfigureAwait(false)).SetEquals(history ?? ScriptRunner.EmptyHistory))
            {
                throw ScriptRunner.NotAsPlanned(site, "a history has changed");
            }

            var repository = context.GetService<IHistoryRepository>();
            await repository.CreateIfNotExistsAsync(stopping.Abort).ConfigureAwait(false);
            var transaction = await context.Database.BeginTransactionAsync(stopping.Abort).ConfigureAwait(false);
            await using var _ = transaction.ConfigureAwait(false);
            foreach (var move in marked)
            {
                await context.Database.ExecuteSqlRawAsync(Unformatted(repository.GetInsertScript(ContextScripts.Row(move.Id))), stopping.Abort).ConfigureAwait(false);
            }

            await transaction.CommitAsync(stopping.Abort).ConfigureAwait(false);
            return true;
        });

    /// <summary>The ids in a history; null where there is none.</summary>
    public Task<IReadOnlySet<string>?> HistoryAsync(Site site, DbConnection connection, ContextScripts script, CancellationToken cancellationToken) =>
        UseAsync<IReadOnlySet<string>?>(site, connection, script, async context =>
        {
            var applied = await AppliedAsync(context, cancellationToken).ConfigureAwait(false);
            return applied.Count == 0 && !await context.GetService<IHistoryRepository>().ExistsAsync(cancellationToken).ConfigureAwait(false) ? null : applied;
        });

    // Where each move ends. EF knows a state by its newest migration alone: it would apply what is missing before that, or revert what comes after.
    private static IEnumerable<(MigrationMove Move, string Target)> OneByOne(Site site, ContextScripts script, HashSet<string> applied, IReadOnlyList<MigrationMove> moves)
    {
        if (script.Ids.TakeWhile(applied.Contains).Count() != script.Ids.Count(applied.Contains))
        {
            throw site.Refused(
                "migrations are pending that are older than applied ones, which EF itself can only apply together. Leave out TenantRunOptions.BeforeMigration and AfterMigration.");
        }

        return moves.Select(move => (move, move.IsDown ? script.Ids.TakeWhile(id => id != move.Id).LastOrDefault() ?? MigrationTarget.Nothing : move.Id));
    }

    private static async Task<HashSet<string>> AppliedAsync(DbContext context, CancellationToken cancellationToken) =>
        (await context.Database.GetAppliedMigrationsAsync(cancellationToken).ConfigureAwait(false)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    // The script is no format.
    private static string Unformatted(string sql) => sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    private async Task<T> UseAsync<T>(Site site, DbConnection connection, ContextScripts script, Func<DbContext, Task<T>> use)
    {
        var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var context = script.Migrator.Open(site, connection, scope.ServiceProvider);
        await using var __ = context.ConfigureAwait(false);
        return await use(context).ConfigureAwait(false);
    }
}
