using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Freehold.Analyzers.Tests;

/// <summary>A project of a user: a shop with a tenant's context, one of shared tables and one of neither, and the code of the test.</summary>
internal static partial class UserCode
{
    private const string Shop = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Runtime.CompilerServices;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Freehold;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.EntityFrameworkCore;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.DependencyInjection.Extensions;
        global using Microsoft.Extensions.Hosting;
        public sealed class Order { public int Id { get; set; } public string Item { get; set; } }
        public class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options) { public DbSet<Order> Orders => Set<Order>(); }
        public sealed class SharedDb(DbContextOptions<SharedDb> options) : DbContext(options) { public DbSet<Order> Orders => Set<Order>(); }
        public sealed class LocalDb(DbContextOptions<LocalDb> options) : DbContext(options) { public DbSet<Order> Orders => Set<Order>(); }
        public sealed class UnknownDb(DbContextOptions<UnknownDb> options) : DbContext(options) { public DbSet<Order> Orders => Set<Order>(); }
        """;

    private const string Host = """
        static class Startup
        {
            static void Run(IServiceCollection services) => services
                .AddMultiTenancy(tenancy => tenancy.AddDbContext<ShopDb>().AddSharedDbContext<SharedDb>())
                .AddDbContext<LocalDb>();
        }
        """;

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file)),
    ];

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers = [new TenantContextAnalyzer(), new TenantScopeAnalyzer()];

    public static IEnumerable<DiagnosticDescriptor> Rules => Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics);

    /// <summary>Compiles it in the project that registers the contexts. Reported must be what stands between <c>{|id:</c> and <c>|}</c>, and nothing else.</summary>
    public static Task ShouldBeReportedAsMarkedAsync(string code) => ReportedAsMarkedAsync(code, Host);

    /// <summary>The same in a project that leaves registering to another one.</summary>
    public static Task ShouldBeReportedInALibraryAsMarkedAsync(string code) => ReportedAsMarkedAsync(code, "");

    /// <summary>Statements of a method that has everything at hand.</summary>
    public static string Method(string statements) => $$"""
        class Endpoint(ShopDb db, SharedDb sharedDb, LocalDb localDb, UnknownDb unknownDb)
        {
            private static readonly string Table = "orders";
            private readonly string _field = "";
            async Task RunAsync(string name, int id, bool flag, DateTime day, Tenant tenant, IServiceProvider services, TenantAdmission admission, IQueryable<Order> query)
            {
                await Task.Yield();
                {{statements}}
            }
        }
        """;

    public static async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(params (string Code, string File)[] sources)
    {
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source.Code, path: source.File));
        var compilation = CSharpCompilation.Create("User", trees, References, options);
        compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
        var failures = new List<Exception>();
        var watched = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]), (failure, _, _) => failures.Add(failure), concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        var diagnostics = await new CompilationWithAnalyzers(compilation, Analyzers, watched).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        failures.ShouldBeEmpty();
        return diagnostics;
    }

    private static async Task ReportedAsMarkedAsync(string code, string host)
    {
        var expected = new List<string>();
        var plain = Mark().Replace(code, mark =>
        {
            expected.Add($"{mark.Groups["id"].Value}: {mark.Groups["text"].Value}");
            return mark.Groups["text"].Value;
        });

        var reported = await AnalyzeAsync((Shop, "Shop.cs"), (host, "Host.cs"), (plain, "Code.cs"));

        reported.Select(diagnostic => $"{diagnostic.Id}: {diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan)}")
            .ShouldBe(expected, ignoreOrder: true, string.Join('\n', reported));
    }

    [GeneratedRegex(@"\{\|(?<id>\w+):(?<text>.*?)\|\}", RegexOptions.Singleline)]
    private static partial Regex Mark();
}
