using System.Collections.Concurrent;
using System.Data.Common;
using Freehold.Core.Data.Budget;
using Freehold.Core.Data.Probing;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold.Core.Data.Connections;

/// <summary>PostgreSQL: a data source per server for all tenants with a schema, one per database for those with their own.</summary>
internal sealed class NpgsqlProvider : DatabaseProvider, IDisposable
{
    private readonly Dictionary<string, NpgsqlServer> _servers;
    private readonly Dictionary<string, Lazy<NpgsqlSource>> _shared;
    private readonly DataSourceCache _own;
    private readonly ConcurrentDictionary<(string Server, string? Database), ServerGate> _gates = new();
    private readonly TenantNamingOptions _naming;
    private readonly bool _hasRow;
    private readonly ConnectionBudget? _budget;
    private readonly int? _maxTenantsPerConnection;

    public NpgsqlProvider(
        IEnumerable<NpgsqlServer> servers, IOptions<MultiTenancyOptions> options, IOptions<TenantNamingOptions> naming, ConnectionBudget? budget = null)
    {
        _naming = naming.Value;
        _budget = budget;
        _maxTenantsPerConnection = options.Value.MaxTenantsPerConnection;
        _hasRow = options.Value.HasRow;
        _servers = servers.ToDictionary(server => server.Name, StringComparer.Ordinal);
        _shared = _servers.Values.ToDictionary(
            server => server.Name, server => new Lazy<NpgsqlSource>(() => OpenShared(server)), StringComparer.Ordinal);
        _own = new DataSourceCache(options.Value.MaxDataSources, key => Server(key.Server).Open(key.Database, ClosedPath), BudgetOf);
    }

    public override string Name => "PostgreSQL";

    public override bool HasSchemas => true;

    internal IReadOnlyCollection<NpgsqlServer> Servers => _servers.Values;

    internal ProbeSettings Probes =>
        new(ClosedPath, _naming.TypesSchema is { } types ? [NpgsqlServer.Nobody, types] : [NpgsqlServer.Nobody], _naming.RowSchema);

    internal int OwnDataSources => _own.Count;

    private string ClosedPath => SearchPath(NpgsqlServer.Nobody);

    public override bool Supports(Isolation isolation) => isolation is Isolation.Schema or Isolation.Database or Isolation.Row;

    public override void Configure(DbContextOptionsBuilder options) => options.UseNpgsql();

    public override IEnumerable<string> Defects() => _servers.Values.SelectMany(server => server.DefectsWhenConfigured());

    public override string? Reserved(string server, string database) =>
        database is "postgres" or "template0" or "template1" ? $"the database '{database}' is PostgreSQL's own"
        : database == Server(server).Configured().ConnectionStringBuilder.Database || database == Server(server).Administrative().Database
            ? $"the database '{database}' is the server's own, and belongs to all tenants"
        : null;

    public override ConnectionSource Rent(ResolvedPlacement placement) => placement.Database is null
        ? Shared(placement.Server)
        : _own.Rent(new(placement.Server, placement.Database));

    public override ConnectionSource RentShared() => Shared(TenantPlacement.DefaultServer);

    public override string SessionSql(Tenant? tenant, ResolvedPlacement? placement, bool namesTables)
    {
        var session = new SessionText(Server(placement?.Server ?? TenantPlacement.DefaultServer).IsPooled);
        if (namesTables)
        {
            session.Set("search_path", SearchPath(placement?.Schema ?? _naming.SharedSchema));
        }

        if (tenant is not null && _hasRow)
        {
            session.Set(TenantSetting.Name, SqlText.Literal(tenant.Id.Value));
        }

        if (tenant is not null && HasRole(placement))
        {
            session.SetRole(_naming.RoleOf(tenant.Id));
        }

        return session.ToString();
    }

    public override bool HasRole(ResolvedPlacement? placement) => placement is { Isolation: Isolation.Schema } && Server(placement.Server).Options.RolePerTenant;

    public override bool IsPooled(ResolvedPlacement? placement) => Server(placement?.Server ?? TenantPlacement.DefaultServer).IsPooled;

    public override ValueTask ReadyAsync(ResolvedPlacement? placement, CancellationToken cancellationToken) =>
        Gate(placement?.Server ?? TenantPlacement.DefaultServer, placement is { Isolation: Isolation.Database } ? null : placement?.Database)
            .PassAsync(placement is { Isolation: Isolation.Row }, cancellationToken);

    public override Task ProbeAsync(Action<string, Exception> unreachable, CancellationToken cancellationToken) => Task.WhenAll(_servers.Keys.Select(async server =>
    {
        try
        {
            await Gate(server, database: null).PassAsync(_hasRow, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException failure)
        {
            unreachable(server, failure);
        }
    }));

    public override IEnumerable<string> AdministrativeDefects() => _servers.Values.Select(server => server.AdministrativeDefect()).OfType<string>();

    public override string? Grantee(ResolvedPlacement? placement) => Server(placement?.Server ?? TenantPlacement.DefaultServer).Grantee();

    public override DbConnection CreateAdministrative(ResolvedPlacement? placement, bool maintenance)
    {
        var server = Server(placement?.Server ?? TenantPlacement.DefaultServer);
        if (server.AdministrativeDefect() is { } defect)
        {
            throw new MultiTenancyConfigurationException(defect);
        }

        var settings = server.Administrative();
        settings.Pooling = false;
        settings.Database = maintenance ? settings.Database : placement?.Database ?? settings.Database;

        // Who names no tenant's schema names none at all: where tables of others could be made, a connection that EF opens again would make them.
        settings.SearchPath = placement is { Schema: NpgsqlServer.Nobody } ? SqlText.Identifier(NpgsqlServer.Nobody) : SearchPath(placement is null ? _naming.SharedSchema : placement.Schema!);
        return new NpgsqlConnection(settings.ConnectionString);
    }

    public override void Forget(ResolvedPlacement placement)
    {
        if (placement.Database is not null)
        {
            _own.Forget(new(placement.Server, placement.Database));
        }
    }

    public override string? Missing(Exception failure, ResolvedPlacement placement) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"its database '{placement.Database}' does not exist on server '{placement.Server}'. Provision the tenant.",
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName } undefined
            when undefined.MessageText.Contains(placement.Schema!, StringComparison.Ordinal) =>
            $"its schema '{placement.Schema}' does not exist or lacks a table ({undefined.MessageText}). Provision or migrate the tenant.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            $"server '{placement.Server}' has no connection left ({failure.Message}). Try again later; lower Maximum Pool Size, or raise the server's max_connections.",
        NpgsqlException { InnerException: TimeoutException } when failure.Message.Contains("connection pool has been exhausted", StringComparison.Ordinal) =>
            $"all connections of its pool on server '{placement.Server}' are in use (Maximum Pool Size), and none became free in time (Timeout). Try again "
            + "later; LimitConnections lets tenants take turns.",
        _ => null,
    };

    public void Dispose()
    {
        _own.Dispose();
        foreach (var gate in _gates.Values)
        {
            gate.Dispose();
        }

        foreach (var source in _shared.Values.Where(source => source.IsValueCreated))
        {
            source.Value.DataSource.Dispose();
        }
    }

    /// <summary>The search path of a schema: it, and the types' schema; never anything that holds tables of others.</summary>
    internal string SearchPath(string schema) =>
        _naming.TypesSchema is null ? SqlText.Identifier(schema) : $"{SqlText.Identifier(schema)}, {SqlText.Identifier(_naming.TypesSchema)}";

    private NpgsqlSource OpenShared(NpgsqlServer server)
    {
        var dataSource = server.Open(database: null, ClosedPath);
        var backends = _maxTenantsPerConnection is { } most ? new BackendSchemas(dataSource, most, server.MaxPoolSize) : null;
        return new(dataSource, BudgetOf(server.Name), backends);
    }

    private ServerBudget? BudgetOf(string server) => _budget?.Of(server, Server(server).MaxPoolSize);

    private ServerGate Gate(string server, string? database) => _gates.GetOrAdd((server, database), key => new(Server(key.Server), key.Database, Probes));

    private NpgsqlSource Shared(string server) =>
        _shared.TryGetValue(server, out var source) ? source.Value : throw UnknownServer(server);

    private NpgsqlServer Server(string name) => _servers.TryGetValue(name, out var server) ? server : throw UnknownServer(name);

    private MultiTenancyConfigurationException UnknownServer(string name) =>
        new($"No server is registered under the name '{name}', which a tenant's placement asks for. Registered: {string.Join(", ", _servers.Keys)}. "
            + "Add it with AddNpgsqlServer, or correct the placement.");
}
