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

    /// <summary>A connection was opened for a tenant, or for the shared tables.</summary>
    public virtual void Opened(DbConnection connection, Tenant? tenant)
    {
    }

    /// <summary>Lets go of it, once per renting.</summary>
    public virtual void Return()
    {
    }
}
