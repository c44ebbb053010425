using System.Data.Common;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Core.Data.Connections;

/// <summary>What differs between PostgreSQL and SQLite: options, connections, and how a missing database announces itself.</summary>
internal abstract class DatabaseProvider
{
    public abstract string Name { get; }

    /// <summary>Whether names carry a schema, so that the model carries the placeholder.</summary>
    public abstract bool HasSchemas { get; }

    public abstract bool Supports(Isolation isolation);

    /// <summary>Names the provider in a context's options, without a connection.</summary>
    public abstract void Configure(DbContextOptionsBuilder options);

    /// <summary>What is wrong with a user's own provider settings, or null.</summary>
    public abstract IEnumerable<string> Defects();

    /// <summary>Why no tenant may have this database (SQLite: this file); null where one may.</summary>
    public abstract string? Reserved(string server, string database);

    /// <summary>A closed way to the placement's database, held until it is returned.</summary>
    public abstract ConnectionSource Rent(ResolvedPlacement placement);

    /// <summary>A closed way to the shared tables' database.</summary>
    public abstract ConnectionSource RentShared();

    /// <summary>What a command needs before it; empty where that is nothing.</summary>
    /// <param name="tenant">The tenant, or null for the shared tables.</param>
    /// <param name="placement">The placement, or null for the shared tables.</param>
    /// <param name="namesTables">Whether the command names tables without a schema: SQL that EF did not write.</param>
    public abstract string SessionSql(Tenant? tenant, ResolvedPlacement? placement, bool namesTables);

    /// <summary>Whether the placement's tenant has a role of its own, which every command has to be of.</summary>
    public virtual bool HasRole(ResolvedPlacement? placement) => false;

    /// <summary>Whether a session is somebody else's after every transaction.</summary>
    public virtual bool IsPooled(ResolvedPlacement? placement) => false;

    /// <summary>Comes before the first connection to a database: whether tenants are kept apart there was asked, or is asked now.</summary>
    /// <exception cref="MultiTenancyConfigurationException">They are not.</exception>
    public virtual ValueTask ReadyAsync(ResolvedPlacement? placement, CancellationToken cancellationToken) => default;

    /// <summary>Asks the same of every server.</summary>
    /// <param name="unreachable">Told of a server that cannot be asked now, and why.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="MultiTenancyConfigurationException">Tenants are not kept apart.</exception>
    public virtual Task ProbeAsync(Action<string, Exception> unreachable, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Why servers cannot be administrated, a sentence each.</summary>
    public virtual IEnumerable<string> AdministrativeDefects() => [];

    /// <summary>The application's role, where another one migrates and has to give it rights; null where it migrates itself.</summary>
    public virtual string? Grantee(ResolvedPlacement? placement) => null;

    /// <summary>A connection of its own for administration: unpooled, and closed again by its owner.</summary>
    /// <param name="placement">The placement, or null for the shared tables.</param>
    /// <param name="maintenance">True for the server's maintenance database, where the placement's own may not exist.</param>
    public abstract DbConnection CreateAdministrative(ResolvedPlacement? placement, bool maintenance);

    /// <summary>Closes what is kept open to a database that is about to go.</summary>
    public abstract void Forget(ResolvedPlacement placement);

    /// <summary>The sentence for a database, schema, file or table that is not there, or a server that is full; null if the failure is something else.</summary>
    public abstract string? Missing(Exception failure, ResolvedPlacement placement);
}
