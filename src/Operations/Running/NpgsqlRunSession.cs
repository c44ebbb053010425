using System.Collections.Concurrent;
using Freehold.Core.Data.Connections;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Npgsql;

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

    public override Task<bool> TryMigrateAtOnceAsync(Slot slot, SiteState state, MigrationWay way, bool isLocked, CancellationToken cancellationToken) =>
        TryAtOnceAsync(slot, state.Site, _ => state, way, isLocked, null, cancellationToken);

    public override Task<bool> TryMakeAtOnceAsync(Slot slot, Site site, MigrationWay way, CancellationToken cancellationToken) => places.CreationOf(site) is { } creation
        ? TryAtOnceAsync(slot, site, connection => migrator.New(site, connection), way, isLocked: true, creation, cancellationToken)
        : Task.FromResult(false);

    public override Task MigrateAsync(Slot slot, SiteState state, MigrationWay way, CancellationToken cancellationToken) =>
        WorkAsync(slot, state.Site, async session =>
        {
            await session.EnterAsync(state.Site, cancellationToken).ConfigureAwait(false);
            var done = new List<TenantMigration>();
            await migrator.MigrateAsync(
                state.Site, session.Connection, way with { Done = way.Done + done.Add }, new(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
            await appliedSql.RecordAsync(state.Site, session.Connection, done).ConfigureAwait(false);
            return AtOnce.DoneWithTraces;
        }, cancellationToken);

    public override Task MarkAsync(Slot slot, SiteState state, CancellationToken cancellationToken) =>
        WorkAsync(slot, state.Site, async session =>
        {
            await session.EnterAsync(state.Site, cancellationToken).ConfigureAwait(false);
            await migrator.MarkAsync(state, session.Connection, new(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
            return AtOnce.DoneWithTraces;
        }, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> TryAtOnceAsync(
        Slot slot, Site site, Func<NpgsqlConnection, SiteState> state, MigrationWay way, bool isLocked, PlaceCreation? creation, CancellationToken cancellationToken)
    {
        var how = await WorkAsync(slot, site, async session =>
        {
            var (schema, done) = (places.SchemaOf(site)!, new List<TenantMigration>());
            var place = new PlaceOfWork(schema)
            {
                Settings = session.Settings(schema), Key = isLocked ? null : AdvisoryLock.Key(session.Connection.Database, schema), Creation = creation,
            };
            var how = await migrator.TryAtOnceAsync(
                state(session.Connection), session.Connection, way with { Done = way.Done + done.Add }, place, new(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
            await appliedSql.RecordAsync(site, session.Connection, done).ConfigureAwait(false);
            return how;
        }, cancellationToken).ConfigureAwait(false);
        return how != AtOnce.NotDone;
    }

    private async Task<AtOnce> WorkAsync(Slot slot, Site site, Func<WorkSession, Task<AtOnce>> work, CancellationToken cancellationToken)
    {
        var database = $"{site.Placement?.Database}";
        var session = await SessionAsync(slot, database, site).ConfigureAwait(false);
        var (isLast, how) = (true, AtOnce.NotDone);
        try
        {
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            how = await work(session).ConfigureAwait(false);
            isLast = site.Placement is { Isolation: Isolation.Database };
            return how;
        }
        finally
        {
            // What a failure left in the session is nobody's next.
            if (isLast)
            {
                await slot.DropAsync(database).ConfigureAwait(false);
            }
            else if (how != AtOnce.Done)
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
