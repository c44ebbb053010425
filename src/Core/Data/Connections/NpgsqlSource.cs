using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Freehold.Core.Data.Connections;

/// <summary>A data source that stays open as long as the application.</summary>
internal class NpgsqlSource(NpgsqlDataSource dataSource) : ConnectionSource
{
    public NpgsqlDataSource DataSource { get; } = dataSource;

    public sealed override void Bind(IRelationalConnection connection) =>
        connection.SetDbConnection(DataSource.CreateConnection(), contextOwnsConnection: true);
}
