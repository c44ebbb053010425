using System.Reflection;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Core.Data;

/// <summary>A DbContext type that the application registered.</summary>
/// <param name="Type">The context's type.</param>
/// <param name="IsForSharedTables">Registered with <c>AddSharedDbContext</c>.</param>
/// <param name="Configure">The user's own options.</param>
internal sealed record ContextRegistration(Type Type, bool IsForSharedTables, Action<DbContextOptionsBuilder>? Configure)
{
    /// <summary>
    /// True where instances can be reused: nothing is injected but options, nothing is configured per instance, and nothing is kept in fields,
    /// which the next tenant would find. Others are made anew each time, with the same guards.
    /// </summary>
    public bool IsPoolable { get; } = TakesOnlyOptions(Type) && !OverridesOnConfiguring(Type) && !KeepsState(Type);

    private static bool TakesOnlyOptions(Type type) =>
        type.GetConstructors() is [var constructor]
        && constructor.GetParameters() is [var parameter]
        && typeof(DbContextOptions).IsAssignableFrom(parameter.ParameterType);

    private static bool OverridesOnConfiguring(Type type) =>
        type.GetMethod("OnConfiguring", BindingFlags.Instance | BindingFlags.NonPublic, [typeof(DbContextOptionsBuilder)])!.DeclaringType != typeof(DbContext);

    private static bool KeepsState(Type type)
    {
        for (var declaring = type; declaring != typeof(DbContext); declaring = declaring.BaseType!)
        {
            if (declaring.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Any(field => !IsReset(field.FieldType)))
            {
                return true;
            }
        }

        return false;
    }

    // EF empties sets when it takes a context back; options are everybody's.
    private static bool IsReset(Type type) =>
        typeof(DbContextOptions).IsAssignableFrom(type) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(DbSet<>));
}
