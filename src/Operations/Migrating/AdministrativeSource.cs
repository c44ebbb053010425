using System.Data.Common;
using Freehold.Core.Data.Connections;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Freehold.Operations.Migrating;

/// <summary>Binds a context to the connection of an operation, which stays the operation's.</summary>
internal sealed class AdministrativeSource(DbConnection administrative) : ConnectionSource
{
    public override bool IsAdministrative => true;

    public override void Bind(IRelationalConnection connection)
    {
        if (administrative is NpgsqlConnection)
        {
            connection.SetDbConnection(administrative, contextOwnsConnection: false);
            return;
        }

        // EF teaches its functions only to SQLite connections that it makes itself.
        connection.SetDbConnection(null, contextOwnsConnection: true);
        connection.ConnectionString = administrative.ConnectionString;
    }
}
