using System.Reflection;
using HotChocolate.Configuration;
using HotChocolate.Language;
using HotChocolate.Resolvers;
using HotChocolate.Types.Descriptors;
using HotChocolate.Types.Descriptors.Configurations;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>
/// Reads [RequireTenant] and [AllowNoTenant] of every field while a schema is built, and guards the fields that need a tenant. The fields of HotChocolate's generator do not know the member they
/// come from, only its type: it is found again by the name it has in the schema.
/// </summary>
internal sealed class TenantMarks : TypeInterceptor
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private readonly HashSet<TypeSystemConfiguration> _roots = [];

    public override void OnAfterResolveRootType(ITypeCompletionContext completionContext, ObjectTypeConfiguration configuration, OperationType operationType) =>
        _roots.Add(configuration);

    public override void OnBeforeCompleteType(ITypeCompletionContext completionContext, TypeSystemConfiguration configuration)
    {
        if (configuration is ObjectTypeConfiguration { Fields: { } fields })
        {
            var isRoot = _roots.Contains(configuration);
            foreach (var field in fields)
            {
                var mark = MarkOf(field, completionContext.DescriptorContext.Naming);
                if (mark is { } needed)
                {
                    field.Features.Set(new TenantMark(needed));
                }

                // Also where the operation's root fields did not lead to it: below a field that needs none, or by a payload that has the root type.
                if (mark == true || (mark is null && isRoot && !field.Name.StartsWith("__", StringComparison.Ordinal)))
                {
                    field.MiddlewareConfigurations.Insert(0, new FieldMiddlewareConfiguration(next => context => InTenant(next, context, mark == true)));
                }
            }
        }
    }

    private static ValueTask InTenant(FieldDelegate next, IMiddlewareContext context, bool isMarked) =>
        context.Features.Get<TenantRequest>() is { Tenant: null } request && (isMarked || request.NeedsByDefault)
            ? ValueTask.FromException(new TenantMissingException($"The field {context.Selection.Field.Coordinate} needs a tenant, and its request has none."))
            : next(context);

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
