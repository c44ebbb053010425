using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Freehold.Analyzers;

/// <summary>FH0003 and FH0004: queries that may leave their tenant.</summary>
internal sealed class Queries(KnownTypes known, TenantContexts contexts)
{
    public void SeeIgnored(IInvocationOperation call)
    {
        // The one without names ignores all filters.
        if (call.Arguments.Length == 1
            && KnownTypes.IsIn(call.TargetMethod, "Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions")
            && ContextOf(call) is { } context
            && !IsInAdminScope(call))
        {
            contexts.Suspect(context, Diagnostic.Create(Rules.IgnoredFilters, Place(call), context.Name));
        }
    }

    public void SeeSql(IInvocationOperation call)
    {
        if (call.TargetMethod.ContainingType.Name is "RelationalQueryableExtensions" or "RelationalDatabaseFacadeExtensions"
            && call.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "sql") is { Value: var sql }
            && ComposedText.Is(sql)
            && ContextOf(call) is { } context
            && !IsInAdminScope(call))
        {
            var parameterized = call.TargetMethod.Name.Replace("Raw", "").Replace("Interpolated", "");
            contexts.Suspect(context, Diagnostic.Create(Rules.ComposedSql, Place(call), context.Name, parameterized));
        }
    }

    /// <summary>The type of the context that a query was begun on, or null where that cannot be seen.</summary>
    private INamedTypeSymbol? ContextOf(IOperation? operation)
    {
        var followed = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        while (operation is not null)
        {
            if (known.AsContext(operation.Type) is { } context)
            {
                return context;
            }

            operation = operation switch
            {
                IInvocationOperation { Instance: { } instance } => instance,
                IInvocationOperation { TargetMethod.IsExtensionMethod: true, Arguments: { Length: > 0 } arguments } => arguments.First(argument => argument.Parameter?.Ordinal == 0).Value,
                IPropertyReferenceOperation property => property.Instance,
                IConversionOperation conversion => conversion.Operand,
                IParenthesizedOperation parenthesized => parenthesized.Operand,
                ITranslatedQueryOperation query => query.Operation,
                ILocalReferenceOperation local when followed.Add(local.Local) => new LocalVariable(local.Local, local).Values().FirstOrDefault(),
                _ => null,
            };
        }

        return null;
    }

    private bool IsInAdminScope(IOperation operation)
    {
        if (known.AdminScope is null)
        {
            return false;
        }

        for (var (inner, outer) = (operation, operation.Parent); outer is not null; (inner, outer) = (outer, outer.Parent))
        {
            var isInside = outer switch
            {
                IUsingOperation { Resources: var resources } => Enters(resources),
                IBlockOperation block => block.Operations.TakeWhile(statement => statement != inner).OfType<IUsingDeclarationOperation>().Any(Enters),
                _ => false,
            };
            if (isInside)
            {
                return true;
            }
        }

        return false;
    }

    private bool Enters(IOperation resources) =>
        KnownTypes.Same(resources.Type, known.AdminScope)
        || resources.DescendantsAndSelf().Any(operation => operation is IVariableDeclaratorOperation { Symbol.Type: var type } && KnownTypes.Same(type, known.AdminScope));

    // The method's name: a query runs over many lines.
    private static Location Place(IInvocationOperation call) =>
        call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: var name } } ? name.GetLocation() : call.Syntax.GetLocation();
}
