using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Freehold.Core.Data.Connections;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Placement;

/// <summary>Completes what a tenant's record says of its placement with the application's conventions.</summary>
internal sealed class TenantPlacer(IOptions<MultiTenancyOptions> options, IOptions<TenantNamingOptions> naming, DatabaseProvider provider)
{
    // Records are immutable and live in the store's cache, so what they resolve to lives as long as they do.
    private readonly ConditionalWeakTable<Tenant, ResolvedPlacement> _resolved = [];

    // Schemas that records name, by whoever came by in this process.
    private readonly ConcurrentDictionary<string, TenantId> _named = new(StringComparer.Ordinal);
    private readonly TenantNamingOptions _naming = Checked(options.Value, naming.Value);

    public ResolvedPlacement Place(Tenant tenant) =>
        _resolved.TryGetValue(tenant, out var placement) ? placement : _resolved.GetValue(tenant, Resolve);

    /// <summary>The tenant whose schema has this name, by convention or by a record seen in this process; null where it is nobody's.</summary>
    public TenantId? OwnerOf(string schema) =>
        _named.TryGetValue(schema, out var tenant) ? tenant : _naming.OwnerOf(schema, _naming.SchemaTemplate);

    /// <summary>False where SQL cannot name a tenant's schema, because it mentions nothing that all of them have.</summary>
    public bool MayBeNamedIn(Predicate<string> mentions) =>
        !_named.IsEmpty || _naming.SchemaTemplate.Split(TenantNamingOptions.IdToken).All(part => part.Length == 0 || mentions(part));

    // Here too, and not only when a host starts: a template without an id would put all tenants into one schema.
    private static TenantNamingOptions Checked(MultiTenancyOptions options, TenantNamingOptions naming)
    {
        foreach (var defect in options.Defects().Concat(naming.Defects()))
        {
            throw new MultiTenancyConfigurationException(defect);
        }

        return naming;
    }

    private ResolvedPlacement Resolve(Tenant tenant)
    {
        if (_naming.Defect(tenant.Id) is { } defect)
        {
            throw new TenantUnknownException(tenant.Id.Value, defect);
        }

        var placement = tenant.Placement ?? new TenantPlacement(options.Value.Isolation);
        if (!provider.Supports(placement.Isolation))
        {
            throw new MultiTenancyConfigurationException(
                $"The record of tenant '{tenant.Id}' says Isolation.{placement.Isolation}, which {provider.Name} does not have. Correct its placement.");
        }

        if (placement.Isolation == Isolation.Row && !options.Value.HasRow)
        {
            throw new MultiTenancyConfigurationException(
                $"The record of tenant '{tenant.Id}' says Isolation.Row, which this application does not expect: its tables lack the tenant's column. Name it in "
                + "IsolateBy, add a migration, or correct the record.");
        }

        var isOwn = placement.Isolation == Isolation.Database;
        var template = provider.HasSchemas ? _naming.DatabaseTemplate : _naming.FileTemplate;
        var database = placement.Database ?? (isOwn ? Named(template, tenant.Id) : null);
        var schema = !provider.HasSchemas ? null : placement.Schema ?? placement.Isolation switch
        {
            Isolation.Database => "public",
            Isolation.Row => _naming.RowSchema,
            _ => Named(_naming.SchemaTemplate, tenant.Id),
        };
        Refuse(tenant.Id, placement.Isolation, database, schema);
        if (database is not null && provider.Reserved(placement.Server, database) is { } reserved)
        {
            throw new MultiTenancyConfigurationException($"The placement in the record of tenant '{tenant.Id}' cannot be used: {reserved}. Correct its record.");
        }

        if (isOwn)
        {
            RefuseOthers(tenant.Id, database!, template);
        }

        if (schema is not null)
        {
            RefuseOthers(tenant.Id, schema, _naming.SchemaTemplate);
        }

        if (placement is { Isolation: Isolation.Schema, Schema: not null })
        {
            _named[placement.Schema] = tenant.Id;
        }

        return new ResolvedPlacement(placement.Isolation, placement.Server, database, schema);
    }

    // A record is written by operators: what it names must not be what belongs to everybody.
    private void Refuse(TenantId id, Isolation isolation, string? database, string? schema)
    {
        var defect =
            schema is not null && System.Text.Encoding.UTF8.GetByteCount(schema) is 0 or > TenantNamingOptions.MaxNameBytes ? "a schema name of 1 to 63 bytes is needed"
            : database is not null && (database.Length is 0 or > TenantNamingOptions.MaxNameBytes + 3) ? "a database name of 1 to 63 characters is needed"
            : !provider.HasSchemas && database!.AsSpan().ContainsAny("/\\:\0") ? "a file's name without folders is needed"
            : schema is not null && (schema == _naming.SharedSchema || schema == _naming.TypesSchema) ? $"the schema '{schema}' belongs to all tenants"
            : isolation == Isolation.Schema && schema == _naming.RowSchema ? $"the schema '{schema}' is for tenants isolated by row"
            : isolation != Isolation.Database && schema is "public" or "information_schema" ? $"the schema '{schema}' belongs to everybody"
            : schema == "freehold" || schema?.StartsWith("freehold_", StringComparison.Ordinal) == true ? $"the schema '{schema}' is Freehold's own"
            : schema?.StartsWith("pg_", StringComparison.Ordinal) == true ? $"the schema '{schema}' is PostgreSQL's own"
            : null;
        if (defect is not null)
        {
            throw new MultiTenancyConfigurationException($"The placement in the record of tenant '{id}' cannot be used: {defect}. Correct its record.");
        }
    }

    // A record may put a tenant anywhere but where convention puts another one, now or when that one is made.
    private void RefuseOthers(TenantId id, string name, string template)
    {
        if (_naming.OwnerOf(name, template) is { } owner && owner != id)
        {
            throw new MultiTenancyConfigurationException(
                $"The placement in the record of tenant '{id}' cannot be used: '{name}' is the name that tenant '{owner}' has by convention. Rename it.");
        }
    }

    private static string Named(string template, TenantId id) =>
        template.Replace(TenantNamingOptions.IdToken, id.Value, StringComparison.Ordinal);
}
