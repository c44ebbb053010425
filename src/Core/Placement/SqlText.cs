namespace Freehold.Core.Placement;

/// <summary>The one place where names and values become SQL.</summary>
internal static class SqlText
{
    /// <summary>A quoted identifier, always quoted: <c>t-a</c> would be a subtraction otherwise.</summary>
    public static string Identifier(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("A name in SQL cannot hold NUL.", nameof(name));
        }

        return string.Concat("\"", name.Replace("\"", "\"\"", StringComparison.Ordinal), "\"");
    }

    /// <summary>A string literal; correct whatever <c>standard_conforming_strings</c> says.</summary>
    public static string Literal(string value)
    {
        var escaped = value.Replace("'", "''", StringComparison.Ordinal);
        return escaped.Contains('\\', StringComparison.Ordinal)
            ? string.Concat("E'", escaped.Replace("\\", "\\\\", StringComparison.Ordinal), "'")
            : string.Concat("'", escaped, "'");
    }
}
