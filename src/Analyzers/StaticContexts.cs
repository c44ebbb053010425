using Microsoft.CodeAnalysis;

namespace Freehold.Analyzers;

/// <summary>FH0001: static fields and properties that keep a context.</summary>
internal sealed class StaticContexts(KnownTypes known, TenantContexts contexts)
{
    public void See(IFieldSymbol field)
    {
        if (field.IsStatic && !field.IsImplicitlyDeclared)
        {
            See(field, field.Type);
        }
    }

    // One that computes its value keeps nothing.
    public void See(IPropertySymbol property)
    {
        if (property.IsStatic && property.ContainingType.GetMembers().Any(member => member is IFieldSymbol field && KnownTypes.Same(field.AssociatedSymbol, property)))
        {
            See(property, property.Type);
        }
    }

    private void See(ISymbol member, ITypeSymbol type)
    {
        if (known.AsContext(Kept(type)) is { } context)
        {
            contexts.Suspect(context, Diagnostic.Create(Rules.StaticContext, member.Locations[0], member.Name, context.Name));
        }
    }

    private static ITypeSymbol Kept(ITypeSymbol type) =>
        type is INamedTypeSymbol { Name: "Lazy" or "ThreadLocal", TypeArguments: { Length: 1 } kept, ContainingNamespace.Name: "System" or "Threading" } ? kept[0] : type;
}
