using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Freehold.Operations.Drift;

/// <summary>Reads what places of one database look like.</summary>
internal sealed class CatalogReader(NpgsqlConnection connection, int timeout) : IAsyncDisposable
{
    /// <summary>The hash of each place that is there, by its schema: one query.</summary>
    public async Task<IReadOnlyDictionary<string, string>> FingerprintsAsync(IReadOnlyList<PlaceName> places, bool isWhole, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        await ReadAsync(CatalogSql.Fingerprints, places, isWhole, reader => found.Add(reader.GetString(0), reader.IsDBNull(1) ? "" : reader.GetString(1)), cancellationToken)
            .ConfigureAwait(false);
        return found;
    }

    /// <summary>What a place looks like; null where it is not there.</summary>
    public async Task<Catalog?> FindAsync(PlaceName place, bool isWhole, CancellationToken cancellationToken)
    {
        if (!(await FingerprintsAsync([place], isWhole, cancellationToken).ConfigureAwait(false)).TryGetValue(place.Schema, out var fingerprint))
        {
            return null;
        }

        List<CatalogFact> facts = [];
        await ReadAsync(CatalogSql.Facts, [place], isWhole, reader => facts = reader.IsDBNull(1) ? [] : [.. Facts(reader.GetFieldValue<string?[,]>(1))], cancellationToken)
            .ConfigureAwait(false);
        return new(place, fingerprint, facts);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static IEnumerable<CatalogFact> Facts(string?[,] rows) => Enumerable.Range(0, rows.GetLength(0)).Select(i => new CatalogFact(
        (DriftKind)int.Parse(rows[i, 0]!, CultureInfo.InvariantCulture), rows[i, 1]!, rows[i, 2] ?? "", rows[i, 3] ?? "", rows[i, 4], rows[i, 5], rows[i, 6]));

    private async Task ReadAsync(string sql, IReadOnlyList<PlaceName> places, bool isWhole, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = timeout };
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. places.Select(place => place.Schema)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. places.Select(place => place.Role)] });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = isWhole });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            read(reader);
        }
    }
}
