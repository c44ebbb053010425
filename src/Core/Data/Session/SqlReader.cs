namespace Freehold.Core.Data.Session;

internal enum SqlKind
{
    End = 0,
    Name = 1,
    Text = 2,
    Body = 3,
    Number = 4,
    Symbol = 5,
}

/// <summary>Reads PostgreSQL's SQL token by token, past comments: enough to tell names from text, not to understand it.</summary>
internal ref struct SqlReader(ReadOnlySpan<char> sql)
{
    private readonly ReadOnlySpan<char> _sql = sql;
    private int _next;

    public SqlKind Kind { get; private set; }

    public int Start { get; private set; }

    public readonly int Length => _next - Start;

    /// <summary>The token as written, with its quotes.</summary>
    public readonly ReadOnlySpan<char> Raw => _sql[Start.._next];

    /// <summary>A name as PostgreSQL knows it, what is between the quotes of a text, or the token itself.</summary>
    public readonly string Value => Kind switch
    {
        SqlKind.Name => IsQuoted ? Unquoted(Raw, '"') : Raw.ToString().ToLowerInvariant(),
        SqlKind.Text => Unquoted(Raw[Raw.IndexOf('\'')..], '\''),
        SqlKind.Body => Raw.Length >= 2 * Tag(Raw) ? Raw[Tag(Raw)..^Tag(Raw)].ToString() : "",
        _ => Raw.ToString(),
    };

    public readonly bool IsQuoted => Raw is ['"', ..];

    public bool Read()
    {
        SkipBlank();
        Start = _next;
        if (_next == _sql.Length)
        {
            Kind = SqlKind.End;
            return false;
        }

        var rest = _sql[_next..];
        (Kind, var length) = rest switch
        {
            ['"', ..] => (SqlKind.Name, Quoted(rest, 0, '"', escapes: false)),
            ['\'', ..] => (SqlKind.Text, Quoted(rest, 0, '\'', escapes: false)),
            ['e' or 'E', '\'', ..] => (SqlKind.Text, Quoted(rest, 1, '\'', escapes: true)),
            ['u' or 'U', '&', '\'', ..] => (SqlKind.Text, Quoted(rest, 2, '\'', escapes: false)),
            ['$', ..] when Tag(rest) is > 0 and var tag => (SqlKind.Body, Body(rest, tag)),
            [var c, ..] when IsName(c) && !char.IsAsciiDigit(c) => (SqlKind.Name, While(rest, IsName)),
            [var c, ..] when char.IsAsciiDigit(c) => (SqlKind.Number, While(rest, char.IsAsciiLetterOrDigit)),
            ['@' or '$', var c, ..] when IsName(c) => (SqlKind.Symbol, 1 + While(rest[1..], IsName)),
            _ => (SqlKind.Symbol, 1),
        };
        _next += length;
        return true;
    }

    private void SkipBlank()
    {
        while (_next < _sql.Length)
        {
            var rest = _sql[_next..];
            var skipped = rest switch
            {
                ['-', '-', ..] => rest.IndexOf('\n') is >= 0 and var end ? end : rest.Length,
                ['/', '*', ..] => Comment(rest),
                [var c, ..] when char.IsWhiteSpace(c) => 1,
                _ => 0,
            };
            if (skipped == 0)
            {
                return;
            }

            _next += skipped;
        }
    }

    // They nest.
    private static int Comment(ReadOnlySpan<char> sql)
    {
        var (depth, i) = (1, 2);
        for (; i < sql.Length && depth > 0; i++)
        {
            if (sql[i..] is ['/', '*', ..] or ['*', '/', ..])
            {
                depth += sql[i] == '/' ? 1 : -1;
                i++;
            }
        }

        return Math.Min(i, sql.Length);
    }

    private static int Quoted(ReadOnlySpan<char> sql, int from, char quote, bool escapes)
    {
        for (var i = from + 1; i < sql.Length; i++)
        {
            if (escapes && sql[i] == '\\')
            {
                i++;
            }
            else if (sql[i] == quote)
            {
                if (i + 1 == sql.Length || sql[i + 1] != quote)
                {
                    return i + 1;
                }

                i++;
            }
        }

        return sql.Length;
    }

    private static int Tag(ReadOnlySpan<char> sql)
    {
        var length = 1 + While(sql[1..], IsName);
        return length < sql.Length && sql[length] == '$' && (length == 1 || !char.IsAsciiDigit(sql[1])) ? length + 1 : 0;
    }

    private static int Body(ReadOnlySpan<char> sql, int tag) =>
        sql[tag..].IndexOf(sql[..tag]) is >= 0 and var end ? tag + end + tag : sql.Length;

    private static int While(ReadOnlySpan<char> sql, Func<char, bool> isPart)
    {
        var i = 0;
        while (i < sql.Length && isPart(sql[i]))
        {
            i++;
        }

        return i;
    }

    private static bool IsName(char c) => char.IsLetterOrDigit(c) || c is '_';

    private static string Unquoted(ReadOnlySpan<char> quoted, char quote)
    {
        var inner = quoted is [_, .. var content, var last] && last == quote ? content : quoted[1..];
        return inner.ToString().Replace(new string(quote, 2), quote.ToString(), StringComparison.Ordinal);
    }
}
