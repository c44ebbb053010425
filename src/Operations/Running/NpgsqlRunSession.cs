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

    public override Task MigrateAsync(Slot slot, SiteState state, MigrationWay way, CancellationToken cancellationToken) =>
        WorkAsync(slot, state.Site, async session =>
        {
            var (stopping, done) = (new Stopping(cancellationToken, CancellationToken.None), new List<TenantMigration>());
            var listed = way with { Done = way.Done + done.Add };
            if (!await migrator.TryAtOnceAsync(state, session.Connection, listed, session.PathSql(places.SchemaOf(state.Site)!), stopping).ConfigureAwait(false))
            {
                await session.EnterAsync(state.Site, cancellationToken).ConfigureAwait(false);
                await migrator.MigrateAsync(state.Site, session.Connection, listed, stopping).ConfigureAwait(false);
            }

            await appliedSql.RecordAsync(state.Site, session.Connection, done).ConfigureAwait(false);
        }, cancellationToken);

    public override Task MarkAsync(Slot slot, SiteState state, CancellationToken cancellationToken) =>
        WorkAsync(slot, state.Site, async session =>
        {
            await session.EnterAsync(state.Site, cancellationToken).ConfigureAwait(false);
            await migrator.MarkAsync(state, session.Connection, new Stopping(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
        }, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WorkAsync(Slot slot, Site site, Func<WorkSession, Task> work, CancellationToken cancellationToken)
    {
        var database = $"{site.Placement?.Database}";
        var session = await SessionAsync(slot, database, site).ConfigureAwait(false);
        var isLast = true;
        try
        {
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            await work(session).ConfigureAwait(false);
            isLast = site.Placement is { Isolation: Isolation.Database };
        }
        finally
        {
            // What a failure left in the session is nobody's next.
            if (isLast)
            {
                await slot.DropAsync(database).ConfigureAwait(false);
            }
            else
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
