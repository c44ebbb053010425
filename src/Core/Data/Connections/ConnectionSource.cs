using System.Data.Common;
using Freehold.Core.Data.Budget;
using Microsoft.EntityFrameworkCore.Storage;

namespace Freehold.Core.Data.Connections;

/// <summary>Binds contexts to one database. A lease holds it from binding to return, so that it is not closed under a user.</summary>
internal abstract class ConnectionSource
{
    /// <summary>What its connections count against; null where nobody counts them.</summary>
    public virtual ServerBudget? Budget => null;

    /// <summary>Gives the context's connection a closed connection to the database, which it owns.</summary>
    public abstract void Bind(IRelationalConnection connection);

    /// <summary>A connection was opened to the tables of a schema; null for the shared tables.</summary>
    public virtual void Opened(DbConnection connection, string? schema)
    {
    }

    /// <summary>Whether it is an operation's own connection, and not the application's.</summary>
    public virtual bool IsAdministrative => false;

    /// <summary>Lets go of it, once per renting.</summary>
    public virtual void Return()
    {
    }
}
