using System.Collections.Concurrent;
using Freehold.Core.Data.Connections;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>PostgreSQL: a session of each server for the locks and the journal, and for each slot one that works, tenant after tenant.</summary>
internal sealed class NpgsqlRunSession(
    NpgsqlProvider provider, NpgsqlPlaces places, SiteMigrator migrator, AppliedSql appliedSql, TenantOperationsOptions options) : RunSession
{
    private readonly ConcurrentDictionary<string, ServerSession> _servers = new(StringComparer.Ordinal);
    private RunJournal? _journal;

    public override RunJournal Journal => _journal ??= new RunJournal(Server(Site.Shared), options.CommandTimeoutSeconds);

    public override Task<IAsyncDisposable> LockAsync(Site site, string operation, CancellationToken cancellationToken) =>
        Server(site).LockAsync(site, places.SchemaOf(site), $"\0{operation}\0{site.Id}", options.LockTimeout, cancellationToken);

    public override Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken) =>
        Server(site).LockAsync(site, places.SchemaOf(site)!, "", options.LockTimeout, cancellationToken);

    // Locks are taken in the server's own database.
    public override bool CanLockWithin(Site site) => site.Placement is { Database: null };

    public override Task<IReadOnlyList<TenantMigration>?> TryMigrateAtOnceAsync(Slot slot, SiteState state, MigrationWay way, bool isLocked, CancellationToken cancellationToken) =>
        WorkAsync<IReadOnlyList<TenantMigration>?>(slot, state.Site, async session =>
        {
            var schema = places.SchemaOf(state.Site)!;
            var place = new PlaceOfWork(schema, session.Settings(schema), isLocked ? null : AdvisoryLock.Key(session.Connection.Database, schema));
            if (await migrator.TryAtOnceAsync(state, session.Connection, way, place, new(cancellationToken, CancellationToken.None)).ConfigureAwait(false) is not { } made)
            {
                return (null, true);
            }

            await appliedSql.RecordAsync(state.Site, session.Connection, made.Done).ConfigureAwait(false);
            return (made.Done, made.LeavesTraces);
        }, cancellationToken);

    public override Task<IReadOnlyList<TenantMigration>> MigrateAsync(Slot slot, SiteState state, MigrationWay way, CancellationToken cancellationToken) =>
        WorkAsync(slot, state.Site, async session =>
        {
            await session.EnterAsync(state.Site, cancellationToken).ConfigureAwait(false);
            var done = await migrator.MigrateAsync(state.Site, session.Connection, way, new(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
            await appliedSql.RecordAsync(state.Site, session.Connection, done).ConfigureAwait(false);
            return (done, true);
        }, cancellationToken);

    public override Task<IReadOnlyList<TenantMigration>> MarkAsync(Slot slot, SiteState state, CancellationToken cancellationToken) =>
        WorkAsync(slot, state.Site, async session =>
        {
            await session.EnterAsync(state.Site, cancellationToken).ConfigureAwait(false);
            return (await migrator.MarkAsync(state, session.Connection, new(cancellationToken, CancellationToken.None)).ConfigureAwait(false), true);
        }, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<T> WorkAsync<T>(Slot slot, Site site, Func<WorkSession, Task<(T Done, bool LeavesTraces)>> work, CancellationToken cancellationToken)
    {
        var database = $"{site.Placement?.Database}";
        var session = await SessionAsync(slot, database, site).ConfigureAwait(false);
        var (isLast, leavesTraces) = (true, true);
        try
        {
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            (var done, leavesTraces) = await work(session).ConfigureAwait(false);
            isLast = site.Placement is { Isolation: Isolation.Database };
            return done;
        }
        finally
        {
            // What a failure left in the session is nobody's next.
            if (isLast)
            {
                await slot.DropAsync(database).ConfigureAwait(false);
            }
            else if (leavesTraces)
            {
                session.Leave();
            }
        }
    }

    private async Task<WorkSession> SessionAsync(Slot slot, string database, Site site)
    {
        if (slot.Kept<WorkSession>(database) is { } kept)
        {
            if (await kept.HasLeftAsync().ConfigureAwait(false))
            {
                return kept;
            }

            await slot.DropAsync(database).ConfigureAwait(false);
        }

        var session = new WorkSession(provider, places, site);
        slot.Keep(database, session);
        return session;
    }

    private ServerSession Server(Site site) =>
        _servers.GetOrAdd(site.Placement?.Server ?? TenantPlacement.DefaultServer, _ => new ServerSession(provider, site));
}
