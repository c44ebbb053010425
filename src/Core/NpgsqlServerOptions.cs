namespace Freehold;

/// <summary>What is special about one PostgreSQL server; set by <c>UseNpgsql</c> and <c>AddNpgsqlServer</c>.</summary>
public sealed class NpgsqlServerOptions
{
    /// <summary>
    /// The connection string of the role that provisions, migrates and drops tenants, and owns their tables; null (by default) where the
    /// application's own role does. Complete in itself, and straight to PostgreSQL: advisory locks do not survive a pooler. Without a database it
    /// takes the application's. Provisioning gives the application's role what it needs on the tables, and never TRUNCATE.
    /// </summary>
    public string? MigrationConnectionString { get; set; }

    /// <summary>What stands between the application and the server; <see cref="PoolerMode.None"/> by default.</summary>
    public PoolerMode Pooler { get; set; }

    /// <summary>
    /// Gives every tenant with a schema a role that cannot log in and has rights on that schema alone, and makes it the current role of every
    /// command: SQL that names another tenant's schema is then denied by PostgreSQL itself. Off by default, because every command then needs
    /// a session. Needs a <see cref="MigrationConnectionString"/> whose role may create roles.
    /// </summary>
    public bool RolePerTenant { get; set; }
}
