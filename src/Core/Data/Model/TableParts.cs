using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Core.Data.Model;

/// <summary>
/// What a model says of single tables: the further tables of a split entity, and columns that have another name in one of them. EF knows these by
/// the table's schema, too, so they go along when tables move.
/// </summary>
internal static class TableParts
{
    public static void MoveTo(IMutableEntityType entityType, string schema)
    {
        foreach (var fragment in entityType.GetMappingFragments().Where(fragment => fragment.StoreObject is { StoreObjectType: StoreObjectType.Table, Schema: null }).ToList())
        {
            var isExcluded = fragment.IsTableExcludedFromMigrations;
            entityType.RemoveMappingFragment(fragment.StoreObject);
            entityType.GetOrCreateMappingFragment(StoreObjectIdentifier.Table(fragment.StoreObject.Name, schema)).IsTableExcludedFromMigrations = isExcluded;
        }

        MoveColumns(entityType, schema);
    }

    private static void MoveColumns(IMutableTypeBase type, string schema)
    {
        foreach (var property in type.GetDeclaredProperties())
        {
            foreach (var own in property.GetOverrides().Where(own => own.StoreObject is { StoreObjectType: StoreObjectType.Table, Schema: null }).ToList())
            {
                property.RemoveOverrides(own.StoreObject);
                var moved = property.GetOrCreateOverrides(StoreObjectIdentifier.Table(own.StoreObject.Name, schema));
                moved.AddAnnotations(own.GetAnnotations());
                if (own.IsColumnNameOverridden)
                {
                    moved.ColumnName = own.ColumnName;
                }
            }
        }

        foreach (var complex in type.GetDeclaredComplexProperties())
        {
            MoveColumns(complex.ComplexType, schema);
        }
    }
}
