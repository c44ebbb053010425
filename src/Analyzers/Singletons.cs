using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Freehold.Analyzers;

/// <summary>FH0002: contexts that hosted services, middleware and registered singletons take or keep.</summary>
internal sealed class Singletons(KnownTypes known, TenantContexts contexts)
{
    // With a place to report at, for a type of another assembly.
    private readonly ConcurrentDictionary<ISymbol, Location> _types = new(SymbolEqualityComparer.Default);

    public void See(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Class && type.AllInterfaces.Any(face => KnownTypes.Same(face, known.HostedService)))
        {
            _types.TryAdd(type, type.Locations[0]);
        }
    }

    public void See(IInvocationOperation call)
    {
        if (IsRegistration(call.TargetMethod) && Implementation(call) is INamedTypeSymbol type)
        {
            _types.TryAdd(type, call.Syntax.GetLocation());
        }
    }

    // Built once for all requests, unless it is an IMiddleware: that one comes from the request's scope.
    public void SeeMiddleware(IInvocationOperation call)
    {
        if (KnownTypes.IsIn(call.TargetMethod, "Microsoft.AspNetCore.Builder.UseMiddlewareExtensions")
            && TypeArgument(call) is INamedTypeSymbol type
            && !type.AllInterfaces.Any(face => KnownTypes.Same(face, known.Middleware)))
        {
            _types.TryAdd(type, call.Syntax.GetLocation());
        }
    }

    /// <summary>Sees what the factory of a singleton takes from the provider that it is handed, which is the root.</summary>
    public void SeeResolved(IInvocationOperation call)
    {
        if (call.TargetMethod.TypeArguments.Length == 1
            && known.AsContext(call.TargetMethod.TypeArguments[0]) is { } context
            && KnownTypes.IsIn(call.TargetMethod, "Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions")
            && call.Arguments[0].Value is IParameterReferenceOperation provider
            && FactoryOf(call, provider.Parameter.ContainingSymbol) is { } registration)
        {
            contexts.Suspect(context, Captured(call.Syntax.GetLocation(), $"What {registration.Name} builds here", context));
        }
    }

    public void Check(Compilation compilation)
    {
        foreach (var entry in _types)
        {
            foreach (var (member, context) in Kept((INamedTypeSymbol)entry.Key))
            {
                var place = member.Locations.FirstOrDefault(location => location.IsInSource && compilation.ContainsSyntaxTree(location.SourceTree)) ?? entry.Value;
                contexts.Suspect(context, Captured(place, entry.Key.Name, context));
            }
        }
    }

    private static Diagnostic Captured(Location place, string who, INamedTypeSymbol context) =>
        Diagnostic.Create(Rules.CapturedContext, place, who, context.Name);

    // A field that keeps what the constructor took is the same mistake, not a second one.
    private IEnumerable<(ISymbol Member, INamedTypeSymbol Context)> Kept(INamedTypeSymbol singleton)
    {
        var taken = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var parameter in singleton.InstanceConstructors
            .Where(constructor => constructor.DeclaredAccessibility == Accessibility.Public)
            .SelectMany(constructor => constructor.Parameters))
        {
            if (known.AsContext(parameter.Type) is { } context && taken.Add(context))
            {
                yield return (parameter, context);
            }
        }

        foreach (var field in singleton.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic))
        {
            if (known.AsContext(field.Type) is { } context && taken.Add(context))
            {
                yield return (field.AssociatedSymbol ?? field, context);
            }
        }
    }

    private static bool IsRegistration(IMethodSymbol method) => method.Name == "Singleton"
        ? KnownTypes.IsIn(method, "Microsoft.Extensions.DependencyInjection.ServiceDescriptor")
        : method.ContainingNamespace.ToDisplayString().StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal);

    // What a factory or the caller builds need not be built from the container.
    private static ITypeSymbol? Implementation(IInvocationOperation call) =>
        call.TargetMethod.OriginalDefinition.Parameters.All(parameter =>
            parameter.Name is "services" or "collection" or "service" or "serviceType" or "implementationType" or "serviceKey")
            ? TypeArgument(call)
            : null;

    // The last one named, in angle brackets or by typeof.
    private static ITypeSymbol? TypeArgument(IInvocationOperation call) => call.TargetMethod.TypeArguments.LastOrDefault()
        ?? call.Arguments.Select(argument => argument.Value).OfType<ITypeOfOperation>().LastOrDefault()?.TypeOperand.OriginalDefinition;

    private static IMethodSymbol? FactoryOf(IOperation operation, ISymbol lambda)
    {
        var current = operation.Parent;
        while (current is not null && !(current is IAnonymousFunctionOperation function && KnownTypes.Same(function.Symbol, lambda)))
        {
            current = current.Parent;
        }

        while (current is IAnonymousFunctionOperation or IDelegateCreationOperation or IConversionOperation or IArgumentOperation)
        {
            current = current.Parent;
        }

        return current is IInvocationOperation { TargetMethod: var method }
            && (method.Name is "AddHostedService" || method.Name.EndsWith("Singleton", StringComparison.Ordinal)) && IsRegistration(method)
            ? method
            : null;
    }
}
