using Freehold.Core.Audit;
using Freehold.Core.Data.Budget;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Whose data a context sees from the moment it is handed out until it is returned. One exists for each context instance; while it is
/// not bound, the context can do nothing.
/// </summary>
internal sealed class TenantLease : IResettableService, IDisposable, IAsyncDisposable
{
    private IRelationalConnection? _connection;
    private ConnectionSource? _source;
    private DatabaseProvider? _provider;
    private TenantCrossings? _crossings;
    private AdminScope? _crossedIn;
    private AsyncServiceScope? _scope;
    private string? _session;
    private string? _tenantSql;
    private bool _isBound;
    private bool _hasRole;

    /// <summary>The tenant; null for shared tables.</summary>
    public Tenant? Tenant { get; private set; }

    /// <summary>Where the tenant's data is; null for shared tables.</summary>
    public ResolvedPlacement? Placement { get; private set; }

    /// <summary>What the lease uses of its server.</summary>
    public LeasedConnection Connection { get; } = new();

    /// <summary>Whether policies keep the tenants apart.</summary>
    public bool IsByRow => Placement is { Isolation: Isolation.Row };

    /// <summary>Whether every command needs the tenant's session, because policies read it or the tenant has a role.</summary>
    public bool NeedsSession => IsByRow || _hasRole;

    /// <summary>Whether a session ends with its transaction.</summary>
    public bool IsPooled { get; private set; }

    /// <summary>What sets up the session for SQL that EF did not write: the search path, and nothing that outlives the pool's reset.</summary>
    public string SessionSql => _session ??= _provider!.SessionSql(Tenant, Placement, namesTables: true);

    /// <summary>The same for SQL whose tables carry their schema.</summary>
    public string TenantSql => _tenantSql ??= _provider!.SessionSql(Tenant, Placement, namesTables: false);

    /// <summary>Binds the context to a database; from here on the source is the lease's to return.</summary>
    public void Bind(
        IRelationalConnection connection, ConnectionSource source, DatabaseProvider provider, TenantCrossings crossings, Tenant? tenant, ResolvedPlacement? placement)
    {
        _connection = connection;
        _source = source;
        _provider = provider;
        _crossings = crossings;
        source.Bind(connection);
        Connection.Begin(source, tenant, placement?.Schema);
        Tenant = tenant;
        Placement = placement;
        _session = null;
        _tenantSql = null;
        _hasRole = provider.HasRole(placement);
        IsPooled = provider.IsPooled(placement);
        _isBound = true;
    }

    /// <summary>True once the source is the lease's to return.</summary>
    public bool Holds(ConnectionSource source) => ReferenceEquals(_source, source);

    /// <summary>A DI scope that lives as long as the lease: that of an unpooled context's own dependencies.</summary>
    public void Own(AsyncServiceScope scope) => _scope = scope;

    /// <summary>Refuses while the context is nobody's, or while another tenant is ambient, unless an <see cref="AdminScope"/> allows that.</summary>
    /// <exception cref="TenantMissingException">The context is not bound.</exception>
    /// <exception cref="TenantMismatchException">Another tenant is ambient.</exception>
    public void Guard(string doing)
    {
        if (!_isBound)
        {
            throw new TenantMissingException(
                $"{doing} by a context that belongs to no tenant (not made by Freehold, or used after it was returned). Inject the context, or ask "
                + "ITenantDbContextFactory for one.");
        }

        if (Tenant is { } own && TenantScope.Current is { } ambient && !ReferenceEquals(own, ambient) && own.Id != ambient.Id)
        {
            _crossedIn = _crossings!.Cross(own, ambient, $"{doing} by a tenant's context", _crossedIn);
        }
    }

    /// <summary>Refuses a <see cref="System.Transactions.TransactionScope"/> that is another tenant's; no scope allows that.</summary>
    /// <exception cref="TenantMismatchException">It is.</exception>
    public void ClaimTransaction()
    {
        if (Tenant is { } tenant && AmbientTransaction.OtherOwner(tenant) is { } owner)
        {
            const string doing = "Opening a connection in a TransactionScope";
            throw _crossings!.Refused(new(owner.Value, tenant.Id.Value, doing), doing);
        }
    }

    /// <summary>Looks whether SQL of the tenant's context reaches for another tenant.</summary>
    /// <exception cref="TenantMismatchException">It does, and that is refused.</exception>
    public void Check(SqlTemplate template, bool isUserSql)
    {
        if (Placement is not null)
        {
            _crossings!.Check(template, isUserSql, Tenant!, Placement);
        }
    }

    /// <summary>Comes before a connection is opened: nobody enters a database that was not asked whether it keeps tenants apart.</summary>
    /// <exception cref="MultiTenancyConfigurationException">It does not.</exception>
    public ValueTask ReadyAsync(CancellationToken cancellationToken) =>
        _source is { IsAdministrative: false } ? _provider!.ReadyAsync(Placement, cancellationToken) : default;

    /// <summary>Says of a failure that a tenant's database, schema or table is not there; does nothing if it is another one.</summary>
    /// <exception cref="TenantUnavailableException">It is not there.</exception>
    public void Explain(Exception failure)
    {
        if (Placement is not null && _provider!.Missing(failure, Placement) is { } missing)
        {
            throw new TenantUnavailableException(Tenant!.Id.Value, missing, failure);
        }
    }

    public void ResetState()
    {
        Unbind();
        try
        {
            // Wholly, not only closed: the next lease must find neither this tenant's connection nor its open count.
            _connection?.Dispose();
        }
        finally
        {
            Release()?.Dispose();
        }
    }

    public async Task ResetStateAsync(CancellationToken cancellationToken = default)
    {
        Unbind();
        try
        {
            if (_connection is not null)
            {
                await _connection.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            if (Release() is { } scope)
            {
                await scope.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => ResetState();

    public async ValueTask DisposeAsync() => await ResetStateAsync().ConfigureAwait(false);

    private void Unbind()
    {
        _isBound = false;
        _crossedIn = null;
        Tenant = null;
        Placement = null;
        _session = null;
        _tenantSql = null;
    }

    private AsyncServiceScope? Release()
    {
        Connection.End();
        _source?.Return();
        _source = null;
        var scope = _scope;
        _scope = null;
        return scope;
    }
}
