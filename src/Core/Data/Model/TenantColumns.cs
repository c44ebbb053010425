using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Freehold.Core.Data.Session;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Core.Data.Model;

/// <summary>
/// The column that says whose a row is, as shadow properties of the model that the application runs on: stamped on insert, and a concurrency
/// token, so that no UPDATE and no DELETE finds another tenant's row. Keys stay as the user wrote them.
/// </summary>
internal static class TenantColumns
{
    /// <summary>The name of the shadow property; where a type has a further table, what follows tells them apart.</summary>
    public const string Property = "FreeholdTenant";

    /// <summary>As long as an id can be.</summary>
    public const int MaxLength = TenantId.MaxLength;

    private static readonly ConditionalWeakTable<IReadOnlyModel, ConcurrentDictionary<IReadOnlyEntityType, IProperty[]>> Found = [];

    /// <summary>The tenant's properties of an entity type; of the running model.</summary>
    public static IProperty[] Of(IEntityType entityType) => Found.GetOrCreateValue(entityType.Model)
        .GetOrAdd(entityType, static type => [.. ((IEntityType)type).GetProperties().Where(property => IsTenantColumn(property.Name))]);

    public static bool IsTenantColumn(string property) => property.StartsWith(Property, StringComparison.Ordinal);

    /// <summary>Gives the column to every table of tenants that the model has, and its filter to every set of entities.</summary>
    public static void AddTo(IMutableModel model, string column)
    {
        foreach (var entityType in model.GetEntityTypes().Where(type => type.BaseType is null && !type.IsSharedTable() && !type.IsMappedToJson()).ToList())
        {
            if (!entityType.GetDerivedTypesInclusive().Any(type => type.GetTableName() is not null))
            {
                continue;
            }

            var property = Add(entityType, Property, column);
            AddToFragments(entityType, property, column);
            AddToDerivedTables(entityType, column);
            if (!entityType.IsOwned())
            {
                TenantFilter.AddTo(entityType);
            }
        }
    }

    /// <summary>A property of the column, not yet in any key.</summary>
    public static IMutableProperty Add(IMutableEntityType entityType, string name, string column)
    {
        var property = entityType.AddProperty(name, typeof(string));
        property.SetMaxLength(MaxLength);
        property.IsNullable = SharesATable(entityType);
        property.ValueGenerated = ValueGenerated.OnAdd;
        property.SetValueGeneratorFactory(static (_, _) => new RunningTenantGenerator());
        if (!entityType.IsMappedToJson())
        {
            property.SetColumnName(column);
            property.IsConcurrencyToken = true;
            property.SetAfterSaveBehavior(PropertySaveBehavior.Throw);
        }

        return property;
    }

    // What an optional owned type would need to be there is what only it has: the column of the whole row says nothing about it.
    private static bool SharesATable(IMutableEntityType entityType) =>
        StoreObjectIdentifier.Create(entityType, StoreObjectType.Table) is { } table && entityType.FindRowInternalForeignKeys(table).Any();

    // A property that is in no key is in one table of a split entity, unless each is named.
    private static void AddToFragments(IMutableEntityType entityType, IMutableProperty property, string column)
    {
        var fragments = entityType.GetMappingFragments(StoreObjectType.Table).Select(fragment => fragment.StoreObject).ToArray();
        if (fragments.Length > 0)
        {
            foreach (var table in fragments.Append(StoreObjectIdentifier.Create(entityType, StoreObjectType.Table)!.Value))
            {
                property.SetColumnName(column, table);
            }
        }
    }

    // And in the root's table alone of a table per type.
    private static void AddToDerivedTables(IMutableEntityType root, string column)
    {
        if (root.GetMappingStrategy() != RelationalAnnotationNames.TptMappingStrategy)
        {
            return;
        }

        foreach (var type in root.GetDerivedTypes().Where(type => type.GetTableName() is not null && !SharesATableWithItsBase(type)))
        {
            Add(type, $"{Property}Of{type.ShortName()}", column);
        }
    }

    private static bool SharesATableWithItsBase(IMutableEntityType type) =>
        (type.GetTableName(), type.GetSchema()) == (type.BaseType!.GetTableName(), type.BaseType!.GetSchema());
}
