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

    public override async Task<IReadOnlyList<TenantMigration>> MigrateAsync(Slot slot, Site site, CancellationToken cancellationToken)
    {
        var held = await Server(site).LockAsync(site, places.SchemaOf(site), "", options.LockTimeout, cancellationToken).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        var database = $"{site.Placement?.Database}";
        var session = slot.Kept<WorkSession>(database) ?? Kept(slot, database, new WorkSession(provider, places, site));
        var isLast = true;
        try
        {
            await session.EnterAsync(site, cancellationToken).ConfigureAwait(false);
            var applied = await migrator.MigrateAsync(site, session.Connection, new Stopping(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
            isLast = site.Placement is { Isolation: Isolation.Database } || !await session.LeaveAsync().ConfigureAwait(false);
            return applied;
        }
        finally
        {
            // What a failure left in the session is nobody's next.
            if (isLast)
            {
                await slot.DropAsync(database).ConfigureAwait(false);
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

    private static WorkSession Kept(Slot slot, string database, WorkSession session)
    {
        slot.Keep(database, session);
        return session;
    }

    private ServerSession Server(Site site) =>
        _servers.GetOrAdd(site.Placement?.Server ?? TenantPlacement.DefaultServer, _ => new ServerSession(provider, site));
}
