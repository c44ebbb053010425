using Microsoft.EntityFrameworkCore.Storage;

namespace Freehold.Core.Data.Connections;

/// <summary>
/// Binds contexts to one database. A lease holds it from binding to return, so that it is not closed under a user; a connection budget
/// will have its permit here.
/// </summary>
internal abstract class ConnectionSource
{
    /// <summary>Gives the context's connection a closed connection to the database, which it owns.</summary>
    public abstract void Bind(IRelationalConnection connection);

    /// <summary>Whether it is an operation's own connection, and not the application's.</summary>
    public virtual bool IsAdministrative => false;

    /// <summary>Lets go of it, once per renting.</summary>
    public virtual void Return()
    {
    }
}
