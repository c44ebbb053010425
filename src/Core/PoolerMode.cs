namespace Freehold;

/// <summary>What stands between an application and its PostgreSQL server.</summary>
public enum PoolerMode
{
    /// <summary>Nothing, or a pooler that gives a client a session to itself for as long as it is connected (PgBouncer's <c>session</c>).</summary>
    None = 0,

    /// <summary>
    /// A pooler that gives a session to another client after every transaction (PgBouncer's <c>transaction</c>). What a command needs of its session
    /// then ends with its transaction, and the role's default search path has to be the closed one; start-up says how, where it is not.
    /// </summary>
    Transaction = 1,
}
