using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Freehold.Analyzers;

/// <summary>
/// Which contexts are tenants', as the registrations of this compilation say. They are known when all of it was seen, so suspicions wait
/// until then. A project that registers none of its own is a library of one that does: there, every context but those registered otherwise.
/// </summary>
internal sealed class TenantContexts(KnownTypes known)
{
    private readonly ConcurrentDictionary<ISymbol, bool> _isTenants = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentQueue<(INamedTypeSymbol Context, Diagnostic Diagnostic)> _suspicions = new();

    public void See(IMethodSymbol registration)
    {
        if (KnownTypes.IsIn(registration, "Freehold.MultiTenancyBuilder"))
        {
            Add(registration.TypeArguments, isTenants: registration.Name == "AddDbContext");
        }
        else if (KnownTypes.IsIn(registration, "Microsoft.Extensions.DependencyInjection.EntityFrameworkServiceCollectionExtensions"))
        {
            Add(registration.TypeArguments, isTenants: false);
        }
    }

    public void Suspect(INamedTypeSymbol context, Diagnostic diagnostic) => _suspicions.Enqueue((context, diagnostic));

    public void Report(CompilationAnalysisContext compilation)
    {
        var isLibrary = !_isTenants.Values.Contains(true);
        foreach (var (context, diagnostic) in _suspicions)
        {
            if (IsTenants(context) ?? isLibrary)
            {
                compilation.ReportDiagnostic(diagnostic);
            }
        }
    }

    private void Add(ImmutableArray<ITypeSymbol> contexts, bool isTenants)
    {
        foreach (var context in contexts)
        {
            if (known.AsContext(context) is { } type)
            {
                _isTenants.AddOrUpdate(type, isTenants, (_, before) => before || isTenants);
            }
        }
    }

    private bool? IsTenants(INamedTypeSymbol context)
    {
        for (var type = context; type is not null; type = type.BaseType)
        {
            if (_isTenants.TryGetValue(type, out var isTenants))
            {
                return isTenants;
            }
        }

        return null;
    }
}
