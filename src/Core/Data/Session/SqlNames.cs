using System.Text;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Finds in SQL that a user wrote what may lead to another tenant: the schemas it names, and the settings it changes. It is a net for mistakes;
/// SQL that is put together inside the server goes through it.
/// </summary>
internal static class SqlNames
{
    private static readonly HashSet<string> BeforeTable = ["from", "join", "into", "update", "table", "only", "using", "references", "truncate", "copy", "call"];

    /// <summary>The schemas named: before a dot, in a search path, in a text that is a qualified name, behind <c>SCHEMA</c>.</summary>
    public static IReadOnlyList<string> Schemas(string sql)
    {
        var found = new List<string>();
        var tokens = Tokens(sql);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Kind == SqlKind.Body)
            {
                found.AddRange(Schemas(token.Value));
            }
            else if (token.Kind == SqlKind.Text)
            {
                Add(found, InText(tokens, i));
            }
            else if (token.Kind == SqlKind.Name && IsSchema(tokens, i))
            {
                found.Add(token.Value);
            }
            else if (token.Is("search_path") && At(tokens, i - 1) is var before && (before.Is("set") || before.Is("local") || before.Is("session")))
            {
                Add(found, InSearchPath(tokens, i + 2));
            }
        }

        return found.Count == 0 ? [] : [.. found.Distinct()];
    }

    /// <summary>Whether a setting is changed: by <c>SET</c> or by <c>set_config</c>.</summary>
    public static bool Sets(string sql, string setting)
    {
        var tokens = Tokens(sql);
        for (var i = 0; i < tokens.Count; i++)
        {
            var sets = tokens[i] switch
            {
                { Kind: SqlKind.Body } body => Sets(body.Value, setting),
                { Kind: SqlKind.Text } text => text.Value.Equals(setting, StringComparison.OrdinalIgnoreCase) && At(tokens, i - 2).Is("set_config"),
                var token when token.Is("set") || token.Is("reset") => Qualified(tokens, At(tokens, i + 1) is var next && (next.Is("local") || next.Is("session")) ? i + 2 : i + 1) == setting,
                _ => false,
            };
            if (sets)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The SQL with <c>?</c> for the texts and numbers in it.</summary>
    public static string WithoutValues(string sql)
    {
        var text = new StringBuilder(sql.Length);
        var reader = new SqlReader(sql);
        var copied = 0;
        while (reader.Read())
        {
            if (reader.Kind is SqlKind.Text or SqlKind.Body or SqlKind.Number)
            {
                text.Append(sql, copied, reader.Start - copied).Append('?');
                copied = reader.Start + reader.Length;
            }
        }

        return text.Append(sql, copied, sql.Length - copied).ToString();
    }

    private static List<Token> Tokens(string sql)
    {
        var tokens = new List<Token>();
        var reader = new SqlReader(sql);
        while (reader.Read())
        {
            tokens.Add(new(reader.Kind, reader.Value, reader.IsQuoted));
        }

        return tokens;
    }

    private static bool IsSchema(List<Token> tokens, int i)
    {
        var token = tokens[i];
        var before = At(tokens, i - 1);
        if (before.Is("schema") || (before.Is("exists") && At(tokens, i - 3).Is("schema")))
        {
            return true;
        }

        if (!At(tokens, i + 1).IsSymbol('.') || before.IsSymbol('.'))
        {
            return false;
        }

        // What stands where a table does, or is called, is one for certain; elsewhere it may be the alias of a table.
        return (!before.IsQuoted && BeforeTable.Contains(before.Value))
            || At(tokens, i + 3).IsSymbol('(')
            || !tokens.Where((other, at) => other.Kind == SqlKind.Name && other.Value == token.Value && !At(tokens, at + 1).IsSymbol('.')).Any();
    }

    private static IEnumerable<string> InText(List<Token> tokens, int i)
    {
        if (At(tokens, i - 2) is { Kind: SqlKind.Text, Value: "search_path" } && At(tokens, i - 4).Is("set_config"))
        {
            return InSearchPath(Tokens(tokens[i].Value), 0);
        }

        return Tokens(tokens[i].Value) is [{ Kind: SqlKind.Name } schema, var dot, { Kind: SqlKind.Name }] && dot.IsSymbol('.') ? [schema.Value] : [];
    }

    private static IEnumerable<string> InSearchPath(List<Token> tokens, int from) =>
        tokens.Skip(from).TakeWhile(token => !token.IsSymbol(';')).Where(token => token.Kind is SqlKind.Name or SqlKind.Text).Select(token => token.Value);

    private static string Qualified(List<Token> tokens, int i) => $"{At(tokens, i).Value}.{At(tokens, i + 2).Value}";

    private static void Add(List<string> found, IEnumerable<string> names) => found.AddRange(names);

    private static Token At(List<Token> tokens, int i) => i >= 0 && i < tokens.Count ? tokens[i] : default;

    private readonly record struct Token(SqlKind Kind, string Value, bool IsQuoted)
    {
        public bool Is(string keyword) => Kind == SqlKind.Name && !IsQuoted && Value == keyword;

        public bool IsSymbol(char symbol) => Kind == SqlKind.Symbol && Value.Length == 1 && Value[0] == symbol;
    }
}
