using System.Reflection;

namespace Freehold;

/// <summary>
/// Reads <see cref="RequireTenantAttribute"/> and <see cref="AllowNoTenantAttribute"/>, the same for all boundaries: what is said closest to the
/// code counts, and where both are said in one place, a tenant is needed.
/// </summary>
public static class TenantRequirement
{
    /// <summary>True: a tenant is needed. False: none is. Null: neither the type nor a type it derives from says.</summary>
    public static bool? Of(Type type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            if (Said(level, inherit: false) is { } said)
            {
                return said;
            }
        }

        return null;
    }

    /// <summary>The same for a method, of itself or of what it overrides; what its type says does not count.</summary>
    public static bool? Of(MethodInfo method) => Said(method, inherit: true);

    private static bool? Said(MemberInfo member, bool inherit) =>
        member.IsDefined(typeof(RequireTenantAttribute), inherit) ? true
        : member.IsDefined(typeof(AllowNoTenantAttribute), inherit) ? false
        : null;
}
