using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Core.Data.Model;

/// <summary>What a tenant's model must not contain where tenants can be isolated by row, each with its remedy.</summary>
internal static class RowModelRules
{
    public static IEnumerable<string> Defects(IReadOnlyModel model, string column)
    {
        foreach (var type in model.GetEntityTypes().Where(type => !type.IsSharedTable()))
        {
            if (Properties(type).FirstOrDefault(property => property.GetColumnName().Equals(column, StringComparison.OrdinalIgnoreCase)) is { } own)
            {
                yield return $"{type.DisplayName()}.{own.Name} is mapped to the column '{column}', which is Freehold's: it says whose a row is. Remove the property, or "
                    + "set TenantNamingOptions.TenantColumn to another name.";
            }

            if (type.GetSeedData().Any())
            {
                yield return $"{type.DisplayName()} has data in the model (HasData). Migrations run once for all tenants of a place, so the rows would be nobody's. Use "
                    + "UseAsyncSeeding, which runs for each tenant.";
            }

            if (type.GetInsertStoredProcedure() is not null || type.GetUpdateStoredProcedure() is not null || type.GetDeleteStoredProcedure() is not null)
            {
                yield return $"{type.DisplayName()} is saved by stored procedures, which are not told whose a row is. Remove the mapping, or leave Isolation.Row out of "
                    + "IsolateBy.";
            }
        }
    }

    private static IEnumerable<IReadOnlyProperty> Properties(IReadOnlyTypeBase type) =>
        type.GetProperties().Concat(type.GetComplexProperties().SelectMany(complex => Properties(complex.ComplexType)));
}
