using System.Data.Common;
using System.Globalization;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Archiving;

/// <summary>Writes a copy of a SQLite file, as one snapshot shows it.</summary>
internal sealed class SqliteArchiver(DbConnection connection, Site site)
{
    private const string TablesSql = "SELECT group_concat(name, char(10)) FROM (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name)";

    private string? _version;

    public async Task<ArchiveManifest> WriteAsync(ArchiveFile file, IReadOnlyList<ContextScripts> contexts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        _version = await AskAsync("PRAGMA data_version", cancellationToken).ConfigureAwait(false);
        var copy = ArchiveFile.Unused(file.Path, "copy");
        try
        {
            // Made before SQLite writes it, so that nobody else can read it.
            var stream = ArchiveFile.Create(copy);
            await using var _ = stream.ConfigureAwait(false);
            await AskAsync($"VACUUM INTO {SqlText.Literal(copy)}", cancellationToken).ConfigureAwait(false);
            await AskAsync($"ATTACH {SqlText.Literal(copy)} AS archived", cancellationToken).ConfigureAwait(false);
            try
            {
                return new()
                {
                    CreatedAt = now,
                    Server = $"SQLite {connection.ServerVersion}",
                    Tenant = ArchivedTenant.Of(site.Tenant!, site.Placement!.Isolation),
                    Migrations = await HistoriesAsync(contexts, cancellationToken).ConfigureAwait(false),
                    Tables = await TablesAsync(cancellationToken).ConfigureAwait(false),
                    Database = await file.AddAsync("database.db", stream, hasLines: false, cancellationToken).ConfigureAwait(false),
                };
            }
            finally
            {
                await AskAsync("DETACH archived", CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>Whether nobody else has written since the copy was begun.</summary>
    public async Task<bool> IsSameAsync(CancellationToken cancellationToken) => await AskAsync("PRAGMA data_version", cancellationToken).ConfigureAwait(false) == _version;

    private async Task<IReadOnlyList<ArchivedTable>> TablesAsync(CancellationToken cancellationToken)
    {
        var tables = new List<ArchivedTable>();
        var names = await AskAsync(TablesSql.Replace("sqlite_master", "archived.sqlite_master", StringComparison.Ordinal), cancellationToken).ConfigureAwait(false);
        foreach (var name in names?.Split('\n') ?? [])
        {
            var rows = await AskAsync($"SELECT count(*) FROM archived.{SqlText.Identifier(name)}", cancellationToken).ConfigureAwait(false);
            var columns = await AskAsync(
                $"SELECT group_concat(name || char(9) || type, char(10)) FROM pragma_table_info({SqlText.Literal(name)}, 'archived')", cancellationToken).ConfigureAwait(false);
            tables.Add(new(
                Schema: null,
                name,
                [.. columns!.Split('\n').Select(column => column.Split('\t')).Select(parts => new ArchivedColumn(parts[0], parts[1]))],
                long.Parse(rows!, CultureInfo.InvariantCulture),
                Data: null));
        }

        return tables;
    }

    private async Task<IReadOnlyList<ArchivedHistory>> HistoriesAsync(IReadOnlyList<ContextScripts> contexts, CancellationToken cancellationToken)
    {
        var histories = new List<ArchivedHistory>();
        foreach (var context in contexts.Where(context => context.IdColumn is not null))
        {
            var exists = await AskAsync($"SELECT name FROM archived.sqlite_master WHERE type = 'table' AND name = {SqlText.Literal(context.History)}", cancellationToken).ConfigureAwait(false);
            if (exists is not null)
            {
                var ids = await AskAsync(
                    $"SELECT group_concat({SqlText.Identifier(context.IdColumn!)}, char(10)) FROM archived.{SqlText.Identifier(context.History)}", cancellationToken).ConfigureAwait(false);
                histories.Add(new(context.Name, context.History, [.. (ids?.Split('\n') ?? []).Intersect(context.Ids, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)]));
            }
        }

        return histories;
    }

    private async Task<string?> AskAsync(string sql, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) switch
        {
            null or DBNull => null,
            var value => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }
}
