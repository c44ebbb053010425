using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Freehold.Analyzers;

/// <summary>Finds scopes that are never left (FH0005), and scopes that are gone before their caller works in them (FH0006).</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class TenantScopeAnalyzer : DiagnosticAnalyzer
{
    private static readonly string[] Scopes = ["Freehold.TenantScope", "Freehold.AdminScope"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.ScopeNotLeft, Rules.ScopeReturned];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            var scopes = Scopes.Select(start.Compilation.GetTypeByMetadataName).OfType<INamedTypeSymbol>().ToArray();
            if (scopes.Length > 0)
            {
                start.RegisterOperationAction(operation => See(operation, scopes), OperationKind.Invocation);
            }
        });
    }

    private static void See(OperationAnalysisContext context, INamedTypeSymbol[] scopes)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not ("Enter" or "EnterNone")
            || Array.Find(scopes, type => KnownTypes.Same(call.TargetMethod.ContainingType, type)) is not { } scope)
        {
            return;
        }

        if (IsDropped(call))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.ScopeNotLeft, call.Syntax.GetLocation(), scope.Name, call.TargetMethod.Name));
        }
        else if (Function(call, context.ContainingSymbol) is { IsAsync: true } function && (IsReturned(call) || Returns(function, scope)))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.ScopeReturned, call.Syntax.GetLocation()));
        }
    }

    private static bool IsDropped(IInvocationOperation call) => call.Parent switch
    {
        IExpressionStatementOperation => true,
        ISimpleAssignmentOperation { Target: IDiscardOperation } => true,
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => !IsUsing(declarator) && !new LocalVariable(declarator.Symbol, call).IsUsed(),
        _ => false,
    };

    private static bool IsUsing(IOperation declarator) => declarator.Parent?.Parent?.Parent is IUsingOperation or IUsingDeclarationOperation;

    private static bool IsReturned(IInvocationOperation call)
    {
        var parent = call.Parent;
        while (parent is IConversionOperation)
        {
            parent = parent.Parent;
        }

        return parent is IReturnOperation;
    }

    private static bool Returns(IMethodSymbol function, INamedTypeSymbol scope) =>
        function.ReturnType is INamedTypeSymbol { TypeArguments: { Length: 1 } results } && KnownTypes.Same(results[0], scope);

    private static IMethodSymbol? Function(IOperation operation, ISymbol member)
    {
        for (var parent = operation.Parent; parent is not null; parent = parent.Parent)
        {
            switch (parent)
            {
                case IAnonymousFunctionOperation lambda:
                    return lambda.Symbol;
                case ILocalFunctionOperation local:
                    return local.Symbol;
            }
        }

        return member as IMethodSymbol;
    }
}
