using System.Runtime.CompilerServices;
using Freehold.Core.Placement;

namespace Freehold.Core.Data.Session;

/// <summary>SQL of the model with the places where a tenant's schema goes. Knows no tenant, so it is shared by all.</summary>
internal sealed class SqlTemplate
{
    private static readonly ConditionalWeakTable<string, SqlTemplate> Cache = [];

    private readonly string[] _parts;
    private readonly int _length;
    private IReadOnlyList<string>? _schemas;
    private bool? _setsTenant;

    private SqlTemplate(string sql)
    {
        IgnoresFilters = sql.Contains(Placeholder.FilterMark, StringComparison.Ordinal);
        sql = IgnoresFilters ? WithoutTag(sql) : sql;
        NeedsSession = sql.Contains(Placeholder.RawMark, StringComparison.Ordinal);
        _parts = (NeedsSession ? sql.Replace(Placeholder.RawMark, "", StringComparison.Ordinal) : sql).Split(Placeholder.Token);
        _length = _parts.Sum(part => part.Length);
    }

    /// <summary>True where a user wrote a part of the SQL.</summary>
    public bool NeedsSession { get; }

    /// <summary>True where the query ignores filters that may be the tenant's; known only where that is looked for.</summary>
    public bool IgnoresFilters { get; }

    /// <summary>The schemas that the SQL names, but for the tenant's own where EF wrote it.</summary>
    public IReadOnlyList<string> Schemas => _schemas ??= SqlNames.Schemas(For(Placeholder.Token));

    /// <summary>Whether the SQL says whose rows the session sees.</summary>
    public bool SetsTenant => _setsTenant ??= SqlNames.Sets(For(Placeholder.Token), TenantSetting.Name);

    /// <summary>True where no name of a tenant's table occurs.</summary>
    public bool IsPlain => _parts.Length == 1;

    /// <summary>The SQL's beginning, up to the first tenant's schema.</summary>
    public string Head => _parts[0];

    /// <summary>
    /// The template of a text that EF keeps, found by the text's identity: EF caches the text of a compiled query, so the same instance
    /// comes every time and hashing it would be waste.
    /// </summary>
    public static SqlTemplate Of(string sql) => Cache.TryGetValue(sql, out var template) ? template : Cache.GetValue(sql, static text => new(text));

    /// <summary>The template of a text that EF writes anew every time.</summary>
    public static SqlTemplate Once(string sql) => new(sql);

    /// <summary>Whether a text occurs in it, in any case.</summary>
    public bool Mentions(string text) => Array.Exists(_parts, part => part.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>The SQL for one tenant.</summary>
    public string For(string quotedSchema, string before = "")
    {
        if (IsPlain)
        {
            return string.Concat(before, _parts[0]);
        }

        return string.Create(before.Length + _length + ((_parts.Length - 1) * quotedSchema.Length), (_parts, quotedSchema, before), static (span, from) =>
        {
            from.before.CopyTo(span);
            span = span[from.before.Length..];
            from._parts[0].CopyTo(span);
            span = span[from._parts[0].Length..];
            for (var i = 1; i < from._parts.Length; i++)
            {
                from.quotedSchema.CopyTo(span);
                span = span[from.quotedSchema.Length..];
                from._parts[i].CopyTo(span);
                span = span[from._parts[i].Length..];
            }
        });
    }

    // EF writes a tag as a comment of its own line at the top, and an empty line behind the last.
    private static string WithoutTag(string sql)
    {
        var start = sql.IndexOf(Placeholder.FilterMark, StringComparison.Ordinal);
        var end = start + Placeholder.FilterMark.Length;
        start = sql.LastIndexOf("--", start, StringComparison.Ordinal);
        var rest = sql[end..].Replace("-- " + Placeholder.FilterMark, "", StringComparison.Ordinal).TrimStart('\r', '\n');
        return string.Concat(sql.AsSpan(0, start), rest);
    }
}
