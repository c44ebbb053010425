using System.Collections.Concurrent;
using Freehold.Core.Data.Connections;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>PostgreSQL: a session of each server for the locks and the journal, and for each slot one that works, tenant after tenant.</summary>
internal sealed class NpgsqlRunSession(NpgsqlProvider provider, NpgsqlPlaces places, SiteMigrator migrator, TenantOperationsOptions options) : RunSession
{
    private readonly ConcurrentDictionary<string, ServerSession> _servers = new(StringComparer.Ordinal);
    private RunJournal? _journal;

    public override RunJournal Journal => _journal ??= new RunJournal(Server(Site.Shared), options.CommandTimeoutSeconds);

    public override Task<IAsyncDisposable> LockAsync(Site site, string operation, CancellationToken cancellationToken) =>
        Server(site).LockAsync(site, places.SchemaOf(site), $"\0{operation}\0{site.Id}", options.LockTimeout, cancellationToken);

    public override async Task<IReadOnlyList<TenantMigration>> MigrateAsync(Slot slot, SiteState state, CancellationToken cancellationToken)
    {
        var site = state.Site;
        var (schema, database) = (places.SchemaOf(site)!, $"{site.Placement?.Database}");
        var held = await Server(site).LockAsync(site, schema, "", options.LockTimeout, cancellationToken).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        var session = await SessionAsync(slot, database, site).ConfigureAwait(false);
        var isLast = true;
        try
        {
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            var stopping = new Stopping(cancellationToken, CancellationToken.None);
            var applied = await migrator.TryAtOnceAsync(state, session.Connection, session.PathSql(schema), stopping).ConfigureAwait(false);
            if (applied is null)
            {
                await session.EnterAsync(site, cancellationToken).ConfigureAwait(false);
                applied = await migrator.MigrateAsync(site, session.Connection, stopping).ConfigureAwait(false);
            }

            isLast = site.Placement is { Isolation: Isolation.Database };
            return applied;
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

    public override async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync().ConfigureAwait(false);
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
