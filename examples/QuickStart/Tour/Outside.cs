using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace QuickStart.Tour;

/// <summary>The tenants' data without Freehold and without EF: a connection and the names that are really there.</summary>
internal abstract class Outside
{
    public static Outside OfSqlite(string directory) => new Files(directory);

    public static Outside OfPostgres(string connectionString) => new Schemas(connectionString);

    /// <summary>Where a tenant's data is, as people would name it.</summary>
    public abstract string PlaceOf(string tenant);

    /// <summary>A tenant's table, as people would name it.</summary>
    public abstract string TableOf(string tenant, string table);

    /// <summary>How to look at a tenant's table from a shell.</summary>
    public abstract string ShellCommand(string tenant, string table);

    /// <summary>Every place in which there is a table of that name.</summary>
    public abstract Task<IReadOnlyList<string>> PlacesWithAsync(string table, CancellationToken cancellationToken);

    /// <summary>The rows of a tenant's table: a key, and a text made by an SQL expression.</summary>
    public async Task<IReadOnlyList<(Guid Key, string Text)>> ReadAsync(
        string tenant, string table, string key, string text, CancellationToken cancellationToken)
    {
        await using var connection = Connect(tenant);
        var sql = $"SELECT \"{key}\", {text} FROM {NameOf(tenant, table)}";
        return await QueryAsync(connection, sql, row => (row.GetGuid(0), row.GetString(1)), cancellationToken);
    }

    protected abstract DbConnection Connect(string tenant);

    protected abstract string NameOf(string tenant, string table);

    private static async Task<IReadOnlyList<T>> QueryAsync<T>(
        DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private sealed class Files(string directory) : Outside
    {
        public override string PlaceOf(string tenant) => $"{tenant}.db";

        public override string TableOf(string tenant, string table) => $"{PlaceOf(tenant)}: {table}";

        public override string ShellCommand(string tenant, string table) =>
            $"sqlite3 {PathOf(PlaceOf(tenant))} 'SELECT * FROM \"{table}\"'";

        public override async Task<IReadOnlyList<string>> PlacesWithAsync(string table, CancellationToken cancellationToken)
        {
            var places = new List<string>();
            foreach (var file in Directory.GetFiles(directory, "*.db").Select(file => Path.GetFileName(file)!))
            {
                await using var connection = Open(file);
                var sql = $"SELECT 1 FROM sqlite_master WHERE name = '{table}'";
                places.AddRange(await QueryAsync(connection, sql, _ => file, cancellationToken));
            }

            return places;
        }

        protected override DbConnection Connect(string tenant) => Open(PlaceOf(tenant));

        protected override string NameOf(string tenant, string table) => $"\"{table}\"";

        private string PathOf(string file) => Path.Combine(directory, file);

        private SqliteConnection Open(string file)
        {
            var settings = new SqliteConnectionStringBuilder { DataSource = PathOf(file), Mode = SqliteOpenMode.ReadOnly, Pooling = false };
            return new(settings.ConnectionString);
        }
    }

    private sealed class Schemas(string connectionString) : Outside
    {
        private readonly NpgsqlConnectionStringBuilder _settings = new(connectionString) { Pooling = false };

        public override string PlaceOf(string tenant) => $"tenant_{tenant}";

        public override string TableOf(string tenant, string table) => $"{PlaceOf(tenant)}.{table}";

        public override string ShellCommand(string tenant, string table) =>
            $"psql -h {_settings.Host} -p {_settings.Port} -U {_settings.Username} {_settings.Database} "
            + $"-c 'SELECT * FROM {NameOf(tenant, table)}'";

        public override async Task<IReadOnlyList<string>> PlacesWithAsync(string table, CancellationToken cancellationToken)
        {
            await using var connection = Connect("");
            return await QueryAsync(
                connection, $"SELECT schemaname FROM pg_tables WHERE tablename = '{table}'", row => row.GetString(0), cancellationToken);
        }

        protected override DbConnection Connect(string tenant) => new NpgsqlConnection(_settings.ConnectionString);

        protected override string NameOf(string tenant, string table) => $"\"{PlaceOf(tenant)}\".\"{table}\"";
    }
}
