using System.Data.Common;
using Freehold.Core.Data.Budget;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Freehold.Core.Data.Connections;

/// <summary>A data source that stays open as long as the application.</summary>
/// <param name="dataSource">The data source.</param>
/// <param name="budget">What its connections count against, if anything.</param>
/// <param name="backends">Who counts the schemas that its backends meet, if anybody.</param>
internal class NpgsqlSource(NpgsqlDataSource dataSource, ServerBudget? budget, BackendSchemas? backends = null) : ConnectionSource
{
    public NpgsqlDataSource DataSource { get; } = dataSource;

    public sealed override ServerBudget? Budget => budget;

    public sealed override void Bind(IRelationalConnection connection) =>
        connection.SetDbConnection(DataSource.CreateConnection(), contextOwnsConnection: true);

    public sealed override void Opened(DbConnection connection, string? schema)
    {
        if (backends is not null && schema is not null)
        {
            backends.Met(((NpgsqlConnection)connection).ProcessID, schema);
        }
    }
}
