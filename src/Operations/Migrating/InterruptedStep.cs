using System.Text.RegularExpressions;
using Npgsql;

namespace Freehold.Operations.Migrating;

/// <summary>A step outside transactions that was begun, and of which nothing half made is left.</summary>
internal static partial class InterruptedStep
{
    /// <summary>
    /// Whether an error of its repetition says that it was done, and only its record was not. What is missing was removed by what removes only; to others it is an error.
    /// </summary>
    public static bool IsDone(string sql, string sqlState) => sqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject
        || (sqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject && Removes().IsMatch(sql));

    // After comments, which may stand before it.
    [GeneratedRegex(@"\A(\s|--[^\n]*\n|/\*.*?\*/)*(DROP\s|ALTER\s+TABLE\s.*\sDETACH\s)", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Removes();
}
