namespace Freehold;

/// <summary>What separates one tenant's rows from another's.</summary>
public enum Isolation
{
    /// <summary>A database of its own; on SQLite, a file of its own.</summary>
    Database = 0,

    /// <summary>A schema of its own in a shared database (PostgreSQL).</summary>
    Schema = 1,

    /// <summary>
    /// Rows among those of other tenants, in the tables of one schema (PostgreSQL). The database itself keeps them apart: by policies of row-level
    /// security, and by keys that begin with the tenant.
    /// </summary>
    Row = 2,
}
