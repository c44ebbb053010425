using System.Reflection;
using HotChocolate.Configuration;
using HotChocolate.Types.Descriptors;
using HotChocolate.Types.Descriptors.Configurations;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>
/// Reads [RequireTenant] and [AllowNoTenant] of every field while a schema is built. The fields of HotChocolate's generator do not know the member they
/// come from, only its type: it is found again by the name it has in the schema.
/// </summary>
internal sealed class TenantMarks : TypeInterceptor
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    public override void OnBeforeCompleteType(ITypeCompletionContext completionContext, TypeSystemConfiguration configuration)
    {
        if (configuration is ObjectTypeConfiguration { Fields: { } fields })
        {
            foreach (var field in fields)
            {
                if (MarkOf(field, completionContext.DescriptorContext.Naming) is { } needed)
                {
                    field.Features.Set(new TenantMark(needed));
                }
            }
        }
    }

    private static bool? MarkOf(ObjectFieldConfiguration field, INamingConventions naming)
    {
        if ((field.ResolverMember ?? field.Member) is { } known)
        {
            return Of(known) ?? TenantRequirement.Of(known.ReflectedType ?? known.DeclaringType!);
        }

        if (field.DeclaringType is not { } type)
        {
            return null;
        }

        var members = type.GetMembers(All).Where(member => member is MethodInfo { IsSpecialName: false } or PropertyInfo).ToArray();
        var named = members.Where(member => naming.GetMemberName(member, MemberKind.ObjectField) == field.Name).Select(Of).ToArray();

        // One that was renamed in code may be any of them: then it needs a tenant if one of them does.
        var marks = named.Length > 0 ? named : [.. members.Select(Of).Where(mark => mark == true)];
        return marks.Contains(true) ? true
            : marks.Length > 0 && Array.TrueForAll(marks, mark => mark == false) ? false
            : TenantRequirement.Of(type);
    }

    private static bool? Of(MemberInfo member) => member is MethodInfo method ? TenantRequirement.Of(method) : null;
}

/// <summary>What a field's resolver or its type says: whether it needs a tenant.</summary>
internal sealed record TenantMark(bool NeedsTenant);
