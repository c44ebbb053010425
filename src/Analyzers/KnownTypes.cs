using Microsoft.CodeAnalysis;

namespace Freehold.Analyzers;

/// <summary>The types that the rules speak of, as one compilation knows them.</summary>
internal sealed class KnownTypes
{
    private readonly INamedTypeSymbol _dbContext;

    private KnownTypes(Compilation compilation, INamedTypeSymbol dbContext)
    {
        _dbContext = dbContext;
        HostedService = compilation.GetTypeByMetadataName("Microsoft.Extensions.Hosting.IHostedService");
        Middleware = compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Http.IMiddleware");
        AdminScope = compilation.GetTypeByMetadataName("Freehold.AdminScope");
    }

    public INamedTypeSymbol? HostedService { get; }

    public INamedTypeSymbol? Middleware { get; }

    /// <summary>The scope in which crossing tenants is meant and audited, where there is one.</summary>
    public INamedTypeSymbol? AdminScope { get; }

    /// <summary>Null where there is nothing to look for: no tenants, or no contexts.</summary>
    public static KnownTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("Freehold.MultiTenancyBuilder") is not null
        && compilation.GetTypeByMetadataName("Microsoft.EntityFrameworkCore.DbContext") is { } dbContext
            ? new KnownTypes(compilation, dbContext)
            : null;

    /// <summary>The type as a DbContext, or null.</summary>
    public INamedTypeSymbol? AsContext(ITypeSymbol? type)
    {
        for (var current = type as INamedTypeSymbol; current is not null; current = current.BaseType)
        {
            if (Same(current, _dbContext))
            {
                return (INamedTypeSymbol)type!;
            }
        }

        return null;
    }

    public static bool Same(ISymbol? one, ISymbol? other) => SymbolEqualityComparer.Default.Equals(one, other);

    public static bool IsIn(IMethodSymbol method, string type) => method.ContainingType?.ToDisplayString() == type;
}
