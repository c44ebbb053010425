using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Freehold.Analyzers;

/// <summary>Finds contexts of one tenant that would serve others: static, kept by singletons, without filters, or with SQL from outside.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class TenantContextAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.StaticContext, Rules.CapturedContext, Rules.IgnoredFilters, Rules.ComposedSql];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext start)
    {
        if (KnownTypes.Of(start.Compilation) is not { } known)
        {
            return;
        }

        var contexts = new TenantContexts(known);
        var statics = new StaticContexts(known, contexts);
        var singletons = new Singletons(known, contexts);
        var queries = new Queries(known, contexts);
        start.RegisterSymbolAction(field => statics.See((IFieldSymbol)field.Symbol), SymbolKind.Field);
        start.RegisterSymbolAction(property => statics.See((IPropertySymbol)property.Symbol), SymbolKind.Property);
        start.RegisterSymbolAction(type => singletons.See((INamedTypeSymbol)type.Symbol), SymbolKind.NamedType);
        start.RegisterOperationAction(operation => See((IInvocationOperation)operation.Operation), OperationKind.Invocation);
        start.RegisterCompilationEndAction(end =>
        {
            singletons.Check(end.Compilation);
            contexts.Report(end);
        });

        // Every call of a build comes by here: the name decides first, and costs nothing.
        void See(IInvocationOperation call)
        {
            switch (call.TargetMethod.Name)
            {
                case "AddDbContext" or "AddSharedDbContext" or "AddDbContextPool" or "AddDbContextFactory" or "AddPooledDbContextFactory":
                    contexts.See(call.TargetMethod);
                    break;
                case "AddSingleton" or "TryAddSingleton" or "AddKeyedSingleton" or "TryAddKeyedSingleton" or "AddActivatedSingleton" or "Singleton":
                    singletons.See(call);
                    break;
                case "UseMiddleware":
                    singletons.SeeMiddleware(call);
                    break;
                case "GetRequiredService" or "GetService":
                    singletons.SeeResolved(call);
                    break;
                case "IgnoreQueryFilters":
                    queries.SeeIgnored(call);
                    break;
                case "FromSqlRaw" or "SqlQueryRaw" or "ExecuteSqlRaw" or "ExecuteSqlRawAsync":
                case "FromSql" or "FromSqlInterpolated" or "SqlQuery" or "ExecuteSql" or "ExecuteSqlAsync" or "ExecuteSqlInterpolated" or "ExecuteSqlInterpolatedAsync":
                    queries.SeeSql(call);
                    break;
            }
        }
    }
}
