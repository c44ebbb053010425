using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Testing.Leaks;

/// <summary>Whose each value is. A value that two tenants have says nothing of either.</summary>
internal sealed class StampLedger
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    private readonly ConcurrentDictionary<(string Property, object Value), TenantId?> _owners = new();
    private int _last;

    /// <summary>A number that nobody had before.</summary>
    public int Next() => Interlocked.Increment(ref _last);

    /// <summary>A text that nobody had before, at most so long.</summary>
    public string NextText(Tenant tenant, int? maxLength)
    {
        var number = Next();
        var text = $"{tenant.Id}:{number.ToString(CultureInfo.InvariantCulture)}";
        if (maxLength is not { } most || text.Length <= most)
        {
            return text;
        }

        var digits = "";
        for (; number > 0 && digits.Length < most; number /= Digits.Length)
        {
            digits = Digits[number % Digits.Length] + digits;
        }

        return digits;
    }

    /// <summary>Remembers an entity's values as the tenant's.</summary>
    public void Add(Tenant tenant, ITypeBase type, object instance)
    {
        foreach (var (property, value) in Values(type, instance))
        {
            Add(tenant, property, value);
        }
    }

    /// <summary>Remembers a value as the tenant's, before it is written.</summary>
    public void Add(Tenant tenant, string property, object value) =>
        _owners.AddOrUpdate((property, value), tenant.Id, (_, owner) => owner == tenant.Id ? owner : null);

    /// <summary>A value of the entity that is another tenant's, as text; null where there is none.</summary>
    public string? Foreign(Tenant tenant, ITypeBase type, object instance)
    {
        foreach (var (property, value) in Values(type, instance))
        {
            if (_owners.TryGetValue((property, value), out var owner) && owner is { } other && other != tenant.Id)
            {
                return $"{property} = {value}, which is {other}'s";
            }
        }

        return null;
    }

    /// <summary>The name under which a property's values are remembered.</summary>
    public static string Name(IReadOnlyPropertyBase property) => $"{property.DeclaringType.DisplayName()}.{property.Name}";

    private static IEnumerable<(string Property, object Value)> Values(ITypeBase type, object instance)
    {
        foreach (var property in type.GetProperties().Where(TellsOwner))
        {
            if (Read(property, instance) is { } value)
            {
                yield return (Name(property), value);
            }
        }

        var inside = type.GetComplexProperties().Where(property => !property.IsCollection).Select(property => ((IPropertyBase)property, (ITypeBase)property.ComplexType));
        if (type is IEntityType entity)
        {
            inside = inside.Concat(entity.GetNavigations().Where(Owns).Select(navigation => ((IPropertyBase)navigation, (ITypeBase)navigation.TargetEntityType)));
        }

        foreach (var (property, part) in inside)
        {
            if (Read(property, instance) is { } value)
            {
                foreach (var found in Values(part, value))
                {
                    yield return found;
                }
            }
        }
    }

    public static bool Owns(INavigation navigation) => !navigation.IsCollection && navigation.ForeignKey.IsOwnership && !navigation.IsOnDependent;

    // What the database counts up is nobody's for good, and what is the same in every tenant by design are keys.
    private static bool TellsOwner(IProperty property) =>
        !property.IsShadowProperty()
        && property.ClrType != typeof(bool)
        && !property.ClrType.IsEnum
        && (property.ClrType == typeof(Guid) || (property.ValueGenerated == ValueGenerated.Never && !property.IsKey() && !property.IsForeignKey()))
        && (property.ClrType.IsValueType || property.ClrType == typeof(string));

    public static object? Read(IPropertyBase property, object instance) =>
        property.PropertyInfo is { GetMethod: not null } member && member.DeclaringType!.IsInstanceOfType(instance) ? member.GetValue(instance)
        : property.FieldInfo?.GetValue(instance);

    public static bool Write(IPropertyBase property, object instance, object? value)
    {
        if (property.PropertyInfo is { SetMethod: not null } member)
        {
            member.SetValue(instance, value, BindingFlags.Default, binder: null, index: null, culture: null);
        }
        else if (property.FieldInfo is { } field)
        {
            field.SetValue(instance, value);
        }
        else
        {
            return false;
        }

        return true;
    }
}
