using Npgsql;

namespace Freehold.Core.Data.Probing;

/// <summary>What a probe found wrong, and the SQL that mends it (null where none does).</summary>
internal sealed record Finding(string Text, string? Remedy);

internal static class Findings
{
    private const int Shown = 5;

    public static async Task<IReadOnlyList<Finding>> ReadAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken, params string[] values)
    {
        var command = source.CreateCommand(sql);
        await using var _ = command.ConfigureAwait(false);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var findings = new List<Finding>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            findings.Add(new(reader.GetString(1), await reader.IsDBNullAsync(2, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(2)));
        }

        return findings;
    }

    /// <summary>The first of them as a part of a sentence, and how many there are besides.</summary>
    public static string Listed(IReadOnlyList<Finding> findings) =>
        string.Join("; ", findings.Take(Shown).Select(finding => finding.Text)) + (findings.Count > Shown ? $"; and {findings.Count - Shown} more" : "");
}
