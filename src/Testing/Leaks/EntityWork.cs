using Freehold.Core.Data.Model;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Testing.Leaks;

/// <summary>The rows of one entity type: made, read and written, each answer compared with what it must be.</summary>
internal abstract class EntityWork<TContext>(LeakWorld<TContext> world, IEntityType type) where TContext : DbContext
{
    private readonly Dictionary<TenantId, List<Seed>> _seeds = [];

    public string Name => Type.DisplayName();

    public IEntityType Type { get; } = type;

    /// <summary>The tables that hold its rows.</summary>
    public IEnumerable<string> Tables => Type.GetMappingFragments().Select(fragment => fragment.StoreObject.Name).Append(Type.GetTableName()!);

    /// <summary>A text that can be given another value; null where there is none.</summary>
    public IProperty? Text { get; } = type.GetProperties().FirstOrDefault(property =>
        property.ClrType == typeof(string) && !property.IsShadowProperty() && !property.IsKey() && !property.IsForeignKey() && !property.IsConcurrencyToken
        && property.ValueGenerated == ValueGenerated.Never && property.GetColumnType() is not ("json" or "jsonb"));

    /// <summary>True where a row of it is a row of one table, so that raw SQL can ask for all of it.</summary>
    public bool IsPlain => Type.BaseType is null && !Type.GetDirectlyDerivedTypes().Any() && !Type.GetMappingFragments().Any();

    /// <summary>True where nothing references it, and no rule of uniqueness stands in the way of one more.</summary>
    public bool IsFree => !Type.GetReferencingForeignKeys().Any(key => !key.IsOwnership) && !Type.GetForeignKeys().Any(key => key.IsUnique && !key.IsOwnership);

    /// <summary>Everything it can do.</summary>
    public abstract IReadOnlyList<EntityOperation<TContext>> Operations { get; }

    protected LeakWorld<TContext> World { get; } = world;

    protected string Table => SqlText.Identifier(Type.GetTableName()!);

    public static EntityWork<TContext> Of(LeakWorld<TContext> world, IEntityType type) =>
        (EntityWork<TContext>)Activator.CreateInstance(typeof(EntityWork<,>).MakeGenericType(typeof(TContext), type.ClrType), world, type)!;

    /// <summary>The keys of a tenant's rows, as they were made.</summary>
    public IReadOnlyList<Seed> SeedsOf(Tenant tenant) => _seeds.TryGetValue(tenant.Id, out var seeds) ? seeds : [];

    /// <summary>How many rows a query of a tenant has to find, those of derived types among them.</summary>
    public int Expected(Tenant tenant) =>
        World.Entities.Where(entity => Type.IsAssignableFrom(entity.Type)).Sum(entity => entity.SeedsOf(tenant).Count);

    /// <summary>Makes a tenant's rows.</summary>
    public async Task SeedAsync(TContext context, Tenant tenant, CancellationToken cancellationToken)
    {
        var rows = Enumerable.Range(0, World.RowsOf(tenant)).Select(number => Add(context, tenant, number)).ToArray();
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        foreach (var navigation in Type.GetSkipNavigations().Where(navigation => World.Entities.Any(entity => entity.Type == navigation.TargetEntityType)))
        {
            Relate(context, tenant, rows, navigation);
        }

        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        _seeds[tenant.Id] = [.. rows.Select(row => new Seed([.. Type.FindPrimaryKey()!.Properties.Select(property => context.Entry(row).Property(property).CurrentValue!)], row))];
    }

    /// <summary>Adds an instance with its values and foreign keys, and remembers the values as the tenant's.</summary>
    protected object Add(TContext context, Tenant tenant, int number)
    {
        var instance = World.Maker.Make(Type, tenant, number);
        World.Ledger.Add(tenant, Type, instance);
        SetForeignKeys(context, instance, tenant, number);
        context.Add(instance);
        World.Maker.FillShadows(context, instance, Type, tenant, number);
        World.Ledger.Add(tenant, Type, instance);
        return instance;
    }

    private void SetForeignKeys(TContext context, object instance, Tenant tenant, int number)
    {
        foreach (var key in Type.GetForeignKeys().Where(key => !key.IsOwnership && !key.PrincipalEntityType.IsSharedTable()))
        {
            var principals = World.Entities.Where(entity => key.PrincipalEntityType.IsAssignableFrom(entity.Type)).SelectMany(entity => entity.SeedsOf(tenant)).ToArray();
            if (principals.Length == 0 || (key.IsUnique && number >= principals.Length))
            {
                if (key.IsRequired && number < World.RowsOf(tenant))
                {
                    throw new MultiTenancyConfigurationException(
                        $"The leak suite cannot make rows of {Name}: they need a {key.PrincipalEntityType.DisplayName()}, which cannot be made first. Make "
                        + $"them with TenantLeakOptions.Make<{Name}>(…).");
                }

                continue;
            }

            var principal = principals[number % principals.Length];
            var entry = context.Entry(instance);
            foreach (var (own, theirs) in key.Properties.Zip(key.PrincipalKey.Properties).Where(pair => !IsTenants(pair.First)))
            {
                entry.Property(own).CurrentValue = principal.Values(key.PrincipalEntityType, theirs);
            }
        }
    }

    private void Relate(TContext context, Tenant tenant, object[] rows, ISkipNavigation navigation)
    {
        var others = World.Entities.First(entity => entity.Type == navigation.TargetEntityType).SeedsOf(tenant);
        if (others.Count == 0)
        {
            return;
        }

        foreach (var (row, number) in rows.Select((row, number) => (row, number)))
        {
            navigation.GetCollectionAccessor()!.Add(row, context.Find(navigation.TargetEntityType.ClrType, others[number % others.Count].Key)!, forMaterialization: false);
        }
    }

    private static bool IsTenants(IProperty property) => property.IsShadowProperty() && property.Name.StartsWith("Freehold", StringComparison.Ordinal);
}

/// <summary>A row that a tenant has from the beginning.</summary>
/// <param name="Key">Its primary key.</param>
/// <param name="Row">The entity as it was made.</param>
internal sealed record Seed(object[] Key, object Row)
{
    public object? Values(IEntityType type, IProperty property)
    {
        var at = type.FindPrimaryKey()!.Properties.ToList().IndexOf(property);
        return at >= 0 ? Key[at] : StampLedger.Read(property, Row);
    }
}

/// <summary>Something that is done with an entity type's rows.</summary>
/// <param name="Name">What.</param>
/// <param name="RunAsync">Does it, and throws a <see cref="LeakFound"/> where the answer is not the tenant's own.</param>
internal sealed record EntityOperation<TContext>(string Name, Func<TContext, Tenant, CancellationToken, Task> RunAsync) where TContext : DbContext;

/// <summary>An answer was not what it must be.</summary>
internal sealed class LeakFound(string message) : Exception(message);
