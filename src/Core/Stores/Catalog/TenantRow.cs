using Npgsql;
using NpgsqlTypes;

namespace Freehold.Core.Stores.Catalog;

/// <summary>A tenant's record as a row, in the order of <see cref="CatalogSql"/>'s columns.</summary>
internal static class TenantRow
{
    public static void Write(NpgsqlParameterCollection parameters, Tenant tenant)
    {
        foreach (var value in new[]
                 {
                     tenant.Id.Value, tenant.State.ToString(), tenant.Name,
                     tenant.Placement?.Isolation.ToString(), tenant.Placement?.Server, tenant.Placement?.Database, tenant.Placement?.Schema,
                     tenant.Plan, tenant.Region,
                 })
        {
            Text(parameters, value);
        }

        parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = tenant.Tags.ToArray() });
        Text(parameters, tenant.Failure);
    }

    public static Tenant Read(NpgsqlDataReader row)
    {
        var id = row.GetString(0);
        return new Tenant(id)
        {
            State = Known<TenantState>(id, "state", row.GetString(1)),
            Name = Text(row, 2),
            Plan = Text(row, 7),
            Region = Text(row, 8),
            Tags = Tags(id, row.GetFieldValue<string[]>(9)),
            Failure = Text(row, 10),
            Placement = row.IsDBNull(3) ? null : new TenantPlacement(Known<Isolation>(id, "isolation", row.GetString(3)))
            {
                Server = row.GetString(4),
                Database = Text(row, 5),
                Schema = Text(row, 6),
            },
        };
    }

    private static void Text(NpgsqlParameterCollection parameters, string? value) =>
        parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value });

    private static TenantTags Tags(string id, string[] tags) =>
        tags.FirstOrDefault(tag => !TenantTags.IsValid(tag)) is { } broken
            ? throw new MultiTenancyConfigurationException(
                $"The catalog's record of tenant '{id}' has the tag '{InvalidTenantIdException.Shown(broken)}', which cannot be one. Correct the record.")
            : TenantTags.Create(tags);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static T Known<T>(string id, string column, string name) where T : struct, Enum =>
        Enum.IsDefined(typeof(T), name) ? Enum.Parse<T>(name) : throw new MultiTenancyConfigurationException(
            $"The catalog's record of tenant '{id}' has the {column} '{name}', which this release does not know. Correct the record, or update Freehold.");
}
