using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Testing.Leaks;

/// <summary>Makes instances from the model: keys that are the same in every tenant, all else of values that nobody had before.</summary>
internal sealed class RowMaker(StampLedger ledger, TenantLeakOptions options)
{
    private static readonly DateTime Epoch = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>An instance without its foreign keys.</summary>
    public object Make(IEntityType type, Tenant tenant, int number)
    {
        if (options.Makers.TryGetValue(type.ClrType, out var make))
        {
            return make(new(tenant, number, ledger.NextText(tenant, maxLength: null)));
        }

        var instance = New(type.ClrType);
        Fill(type, instance, tenant, number);
        return instance;
    }

    /// <summary>Gives the shadow properties of a tracked instance the values they need.</summary>
    public void FillShadows(DbContext context, object instance, IEntityType type, Tenant tenant, int number)
    {
        foreach (var property in type.GetProperties().Where(property => property.IsShadowProperty() && IsNeeded(property)))
        {
            context.Entry(instance).Property(property).CurrentValue = Value(property, tenant, number);
        }
    }

    private void Fill(ITypeBase type, object instance, Tenant tenant, int number)
    {
        foreach (var property in type.GetProperties().Where(property => !property.IsShadowProperty() && IsNeeded(property)))
        {
            if (Value(property, tenant, number) is { } value)
            {
                StampLedger.Write(property, instance, value);
            }
        }

        foreach (var property in type.GetComplexProperties().Where(property => !property.IsCollection))
        {
            Inside(property, property.ComplexType, instance, tenant, number);
        }

        foreach (var navigation in (type as IEntityType)?.GetNavigations().Where(StampLedger.Owns) ?? [])
        {
            Inside(navigation, navigation.TargetEntityType, instance, tenant, number);
        }
    }

    private void Inside(IPropertyBase property, ITypeBase type, object instance, Tenant tenant, int number)
    {
        var part = StampLedger.Read(property, instance) ?? New(type.ClrType);
        Fill(type, part, tenant, number);
        StampLedger.Write(property, instance, part);
    }

    private static object New(Type type) =>
        type.IsValueType || type.GetConstructors(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)
            .Any(constructor => constructor.GetParameters().Length == 0)
            ? Activator.CreateInstance(type, nonPublic: true)!
            : RuntimeHelpers.GetUninitializedObject(type);

    private static bool IsNeeded(IProperty property) =>
        !property.IsForeignKey()
        && (property.ValueGenerated == ValueGenerated.Never || (property.ClrType == typeof(string) && property.IsPrimaryKey()))
        && property.GetComputedColumnSql() is null
        && property != (property.DeclaringType as IEntityType)?.FindDiscriminatorProperty();

    private object? Value(IProperty property, Tenant tenant, int number)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        return property.IsKey() ? Key(property, type, number)
            : type == typeof(string) ? Text(property, tenant)
            : type.IsEnum ? Enum.GetValues(type) is { Length: > 0 } values ? values.GetValue(0) : null
            : type == typeof(bool) ? number % 2 == 0
            : type == typeof(string[]) ? new[] { ledger.NextText(tenant, maxLength: null) }
            : type == typeof(List<string>) ? new List<string> { ledger.NextText(tenant, maxLength: null) }
            : type == typeof(byte[]) ? Encoding.UTF8.GetBytes(ledger.NextText(tenant, property.GetMaxLength()))
            : type.IsArray && !property.IsNullable ? Array.CreateInstance(type.GetElementType()!, 0)
            : Scalar(property, type, ledger.Next());
    }

    private string Text(IProperty property, Tenant tenant)
    {
        var text = ledger.NextText(tenant, property.GetMaxLength());
        return property.GetColumnType() is "json" or "jsonb" ? $"{{\"stamp\":\"{text}\"}}" : text;
    }

    private static object? Scalar(IProperty property, Type type, int next) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 => 1000 + next,
        TypeCode.Int64 => 1000L + next,
        TypeCode.Int16 => (short)(next % short.MaxValue),
        TypeCode.UInt32 => 1000U + (uint)next,
        TypeCode.Byte => (byte)(next % byte.MaxValue),
        TypeCode.Double => 1000D + next,
        TypeCode.Single => 1000F + next,
        TypeCode.Decimal => Decimal(property, next),
        TypeCode.Char => (char)('a' + (next % 26)),
        TypeCode.DateTime => DateTime.SpecifyKind(Epoch.AddMinutes(next), property.GetColumnType() is "timestamp without time zone" or "date" ? DateTimeKind.Unspecified : DateTimeKind.Utc),
        _ when type == typeof(Guid) => Hashed($"{next}"),
        _ when type == typeof(DateTimeOffset) => new DateTimeOffset(Epoch.AddMinutes(next)),
        _ when type == typeof(DateOnly) => DateOnly.FromDateTime(Epoch).AddDays(next),
        _ when type == typeof(TimeOnly) => TimeOnly.MinValue.Add(TimeSpan.FromSeconds(next % 86_000)),
        _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(next),
        _ when type == typeof(Uri) => new Uri($"https://stamp.test/{next}"),
        _ when property.IsNullable => null,
        _ when type.IsValueType => Activator.CreateInstance(type),
        _ => throw new MultiTenancyConfigurationException(
            $"The leak suite cannot make a value for {StampLedger.Name(property)} ({type.Name}). Make the rows with TenantLeakOptions.Make<{property.DeclaringType.ClrType.Name}>(…)."),
    };

    private static decimal Decimal(IProperty property, int next)
    {
        var whole = (property.GetPrecision() ?? 18) - (property.GetScale() ?? 2);
        return whole >= 7 ? 1000 + next : next % (decimal)Math.Pow(10, whole);
    }

    private static object? Key(IProperty property, Type type, int number) => Type.GetTypeCode(type) switch
    {
        TypeCode.String => property.GetMaxLength() is { } most and < 12 ? $"{number}"[..Math.Min(most, $"{number}".Length)] : $"key-{number}",
        TypeCode.Int32 => number + 1,
        TypeCode.Int64 => number + 1L,
        TypeCode.Int16 => (short)(number + 1),
        _ when type == typeof(Guid) => Hashed($"{StampLedger.Name(property)} {number}"),
        _ => Scalar(property, type, number + 1),
    };

    private static Guid Hashed(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
