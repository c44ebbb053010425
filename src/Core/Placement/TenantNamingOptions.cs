using System.Text;

namespace Freehold;

/// <summary>
/// Which ids tenants may have and how they become names. The defaults are safe: whatever passes them maps to schemas, databases, roles,
/// headers and files without two ids ever meeting. Change them before there are tenants.
/// </summary>
public sealed class TenantNamingOptions
{
    /// <summary>What stands for the tenant's id in a template.</summary>
    public const string IdToken = "{id}";

    /// <summary>PostgreSQL cuts longer names silently.</summary>
    internal const int MaxNameBytes = 63;

    /// <summary>
    /// The characters an id may be made of; <c>a-z</c>, <c>0-9</c>, <c>-</c> and <c>_</c> by default. May be any of those that
    /// <see cref="TenantId"/> allows, but never both cases of one letter: the two would be different schemas and the same file and host.
    /// </summary>
    public string AllowedCharacters { get; set; } = "abcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>The longest id, in characters; 50 by default. With the longest template around it, a name must fit into 63 bytes.</summary>
    public int MaxLength { get; set; } = 50;

    /// <summary>The name of a tenant's schema; <c>tenant_{id}</c> by default.</summary>
    public string SchemaTemplate { get; set; } = "tenant_{id}";

    /// <summary>
    /// The name of a tenant's role, where a server has <see cref="NpgsqlServerOptions.RolePerTenant"/>; <c>tenant_{id}</c> by default. Roles are known to
    /// the whole server: applications that share one need templates that differ.
    /// </summary>
    public string RoleTemplate { get; set; } = "tenant_{id}";

    /// <summary>The name of a tenant's database; <c>tenant_{id}</c> by default.</summary>
    public string DatabaseTemplate { get; set; } = "tenant_{id}";

    /// <summary>The name of a tenant's SQLite file within its directory; <c>{id}.db</c> by default.</summary>
    public string FileTemplate { get; set; } = "{id}.db";

    /// <summary>The schema (SQLite: the file, plus <c>.db</c>) of shared tables; <c>shared</c> by default.</summary>
    public string SharedSchema { get; set; } = "shared";

    /// <summary>The schema of tenants that are isolated by row, where a record names no other; <c>tenants</c> by default.</summary>
    public string RowSchema { get; set; } = "tenants";

    /// <summary>
    /// The column that says whose a row is, in every tenant's table where <see cref="Isolation.Row"/> is configured; <c>tenant_id</c> by default.
    /// Policies, keys and migrations name it: change it before there are migrations.
    /// </summary>
    public string TenantColumn { get; set; } = "tenant_id";

    /// <summary>
    /// A schema without tables that stands on every search path, for extensions and enum types that all tenants share; null (none) by default.
    /// </summary>
    public string? TypesSchema { get; set; }

    /// <summary>The role that all tenants' roles are members of; no id gives that name.</summary>
    internal string RoleOfAll => RoleTemplate.Replace(IdToken, "*", StringComparison.Ordinal);

    /// <summary>A tenant's own role.</summary>
    internal string RoleOf(TenantId id) => RoleTemplate.Replace(IdToken, id.Value, StringComparison.Ordinal);

    internal string? Defect(TenantId id)
    {
        if (id.Value.Length > MaxLength)
        {
            return $"it is longer than {MaxLength} characters (TenantNamingOptions.MaxLength)";
        }

        var foreign = id.Value.AsSpan().IndexOfAnyExcept(AllowedCharacters);
        return foreign < 0 ? null : $"'{id.Value[foreign]}' is not among TenantNamingOptions.AllowedCharacters";
    }

    /// <summary>The tenant whose name a template gives; null where it gives that name to nobody.</summary>
    internal TenantId? OwnerOf(string name, string template)
    {
        var parts = template.Split(IdToken);
        return parts.Length == 2
            && name.Length > parts[0].Length + parts[1].Length
            && name.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase)
            && name.EndsWith(parts[1], StringComparison.OrdinalIgnoreCase)
            && TenantId.TryParse(name[parts[0].Length..^parts[1].Length], out var id)
            && Defect(id) is null
            ? id
            : null;
    }

    /// <summary>The rules these options break, a sentence each.</summary>
    internal IEnumerable<string> Defects()
    {
        if (AllowedCharacters.Length == 0 || AllowedCharacters.Any(c => !char.IsAsciiLetterOrDigit(c) && !"-_.~".Contains(c, StringComparison.Ordinal)))
        {
            yield return "TenantNamingOptions.AllowedCharacters may hold only ASCII letters, digits and - _ . ~ : others do not survive as a file or host name.";
        }

        if (AllowedCharacters.Any(c => char.IsAsciiLetterLower(c) && AllowedCharacters.Contains(char.ToUpperInvariant(c), StringComparison.Ordinal)))
        {
            yield return "TenantNamingOptions.AllowedCharacters holds both cases of a letter: 'Acme' and 'acme' would be two schemas and one file. Allow one case.";
        }

        if (MaxLength is < 1 or > TenantId.MaxLength)
        {
            yield return $"TenantNamingOptions.MaxLength is {MaxLength}; it must be from 1 to {TenantId.MaxLength}.";
        }

        foreach (var (name, template) in new[]
                 {
                     (nameof(SchemaTemplate), SchemaTemplate), (nameof(RoleTemplate), RoleTemplate), (nameof(DatabaseTemplate), DatabaseTemplate), (nameof(FileTemplate), FileTemplate),
                 })
        {
            foreach (var defect in TemplateDefects(name, template))
            {
                yield return defect;
            }
        }

        foreach (var (name, schema) in new[] { (nameof(SharedSchema), SharedSchema), (nameof(TypesSchema), TypesSchema), (nameof(RowSchema), RowSchema) })
        {
            if (schema is not null && !IsPlainName(schema))
            {
                yield return $"TenantNamingOptions.{name} is '{schema}'; use 1 to 63 ASCII letters, digits and underscores, not 'public', 'pg_…' or Freehold's own.";
            }
        }

        if (SharedSchema == TypesSchema)
        {
            yield return "TenantNamingOptions.SharedSchema and TypesSchema are the same; types need a schema without tables, because it stands on every search path.";
        }

        if (RowSchema == SharedSchema || RowSchema == TypesSchema)
        {
            yield return $"TenantNamingOptions.RowSchema is '{RowSchema}', as the shared or the types' schema is; rows of tenants need a schema of their own.";
        }

        if (TenantColumn.Length is 0 or > MaxNameBytes || TenantColumn.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_'))
        {
            yield return $"TenantNamingOptions.TenantColumn is '{TenantColumn}'; use 1 to 63 ASCII letters, digits and underscores.";
        }

        foreach (var schema in new[] { SharedSchema, TypesSchema, RowSchema })
        {
            if (schema is not null && OwnerOf(schema, SchemaTemplate) is not null)
            {
                yield return $"The schema '{schema}' is also what TenantNamingOptions.SchemaTemplate gives to a tenant. Rename one of them.";
            }
        }
    }

    private IEnumerable<string> TemplateDefects(string name, string template)
    {
        var parts = template.Split(IdToken);
        if (parts.Length != 2)
        {
            yield return $"TenantNamingOptions.{name} is '{template}'; it must hold {IdToken} exactly once, or tenants would share a name.";
        }
        else if (parts.Any(part => part.Any(c => !char.IsAsciiLetterOrDigit(c) && !"-_.".Contains(c, StringComparison.Ordinal))))
        {
            yield return $"TenantNamingOptions.{name} is '{template}'; around {IdToken} only ASCII letters, digits and - _ . are allowed.";
        }
        else if (name == nameof(FileTemplate) && parts[1] is not ['.', _, ..])
        {
            yield return $"TenantNamingOptions.{name} is '{template}'; an extension must follow {IdToken}, or a tenant 'a-wal' would have the journal of 'a' for a file.";
        }
        else if (parts[0].StartsWith("pg_", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"TenantNamingOptions.{name} is '{template}'; PostgreSQL keeps names that begin with pg_ for itself.";
        }
        else if (name != nameof(FileTemplate) && Encoding.UTF8.GetByteCount(template) - IdToken.Length + MaxLength > MaxNameBytes)
        {
            yield return $"TenantNamingOptions.{name} is '{template}': with an id of MaxLength {MaxLength} that is over {MaxNameBytes} bytes, and PostgreSQL "
                + "would cut it. Shorten one of them.";
        }
    }

    private static bool IsPlainName(string name) =>
        name.Length is > 0 and <= MaxNameBytes
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        && !name.StartsWith("pg_", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith("freehold_", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("public", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("information_schema", StringComparison.OrdinalIgnoreCase);
}
