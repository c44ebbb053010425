using System.Collections;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata.Internal;

namespace Freehold.Core.Data.Model;

#pragma warning disable EF1001 // The names of Npgsql's annotations, whose lists run parallel to the columns.

/// <summary>Indexes that begin with the tenant.</summary>
internal static class TenantIndexes
{
    /// <summary>Puts an index that begins with the tenant in an index's place. Those that are no trees and say nothing about uniqueness stay.</summary>
    public static void Widen(IMutableIndex index)
    {
        var type = index.DeclaringEntityType;
        if (index.Properties[0].Name == TenantColumns.Property || !IsTree(index))
        {
            return;
        }

        var properties = TenantKeys.Widened(type, index.Properties);
        var (name, isUnique, descending) = (index.Name, index.IsUnique, index.IsDescending);
        var annotations = index.GetAnnotations().ToList();
        if (type.FindIndex(index.Properties) == index || name is not null)
        {
            type.RemoveIndex(index);
        }

        var widened = name is not null ? type.AddIndex(properties, name) : type.FindIndex(properties) ?? type.AddIndex(properties);
        widened.IsUnique = isUnique;
        widened.IsDescending = descending is null or { Count: 0 } ? descending : [false, .. descending];
        foreach (var annotation in annotations)
        {
            widened.SetAnnotation(annotation.Name, Shifted(annotation.Name, annotation.Value));
        }
    }

    private static bool IsTree(IReadOnlyIndex index) => index.GetMethod() is null or "btree";

    private static object? Shifted(string annotation, object? value) => annotation switch
    {
        NpgsqlAnnotationNames.IndexOperators or RelationalAnnotationNames.Collation or NpgsqlAnnotationNames.IndexSortOrder
            or NpgsqlAnnotationNames.IndexNullSortOrder when value is Array list => Shifted(list),
        _ => value,
    };

    private static Array Shifted(Array list)
    {
        var shifted = Array.CreateInstance(list.GetType().GetElementType()!, list.Length + 1);
        ((ICollection)list).CopyTo(shifted, 1);
        return shifted;
    }
}
#pragma warning restore EF1001
