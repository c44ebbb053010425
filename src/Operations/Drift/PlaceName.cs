using System.Text.RegularExpressions;
using Freehold.Core.Placement;

namespace Freehold.Operations.Drift;

/// <summary>What is a place's own in the texts of its catalog, and does not count.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Role">The tenant's own role; empty where there is none.</param>
internal sealed record PlaceName(string Schema, string Role)
{
    private readonly Regex _schema = new(
        $"""(?<![\w$"])(?:(?<text>'{Doubled(Schema, '\'')}')|"{Doubled(Schema, '"')}"|{Regex.Escape(Schema)}(?![\w$"]))""",
        RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    /// <summary>A text without the schema's name, to compare it with that of another place.</summary>
    public string Neutral(string text) => _schema.Replace(text, "{tenant}");

    /// <summary>A statement for another place.</summary>
    public string Rename(string sql, PlaceName other)
    {
        var renamed = Schema == other.Schema
            ? sql
            : _schema.Replace(sql, match => match.Groups["text"].Success ? SqlText.Literal(other.Schema) : SqlText.Identifier(other.Schema));
        return Role.Length == 0 ? renamed : renamed.Replace(SqlText.Identifier(Role), SqlText.Identifier(other.Role), StringComparison.Ordinal);
    }

    private static string Doubled(string name, char quote) => Regex.Escape(name.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal));
}
