using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Testing.Leaks;

/// <summary>The entity types of which rows can be made, each behind those it needs.</summary>
internal static class EntityOrder
{
    public static IReadOnlyList<IEntityType> Of(IModel model)
    {
        var ordered = new List<IEntityType>();
        foreach (var type in model.GetEntityTypes().Where(HasRows))
        {
            Visit(type, ordered, []);
        }

        return ordered;
    }

    private static bool HasRows(IEntityType type) =>
        !type.IsOwned() && !type.HasSharedClrType && !type.ClrType.IsAbstract && type.FindPrimaryKey() is not null && type.GetTableName() is not null && !type.IsSharedTable();

    private static void Visit(IEntityType type, List<IEntityType> ordered, HashSet<IEntityType> open)
    {
        if (ordered.Contains(type) || !open.Add(type))
        {
            return;
        }

        foreach (var key in type.GetForeignKeys().Where(key => !key.IsOwnership).OrderByDescending(key => key.IsRequired))
        {
            foreach (var principal in key.PrincipalEntityType.GetDerivedTypesInclusive().Where(HasRows))
            {
                Visit(principal, ordered, open);
            }
        }

        ordered.Add(type);
    }
}
