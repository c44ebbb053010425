using Microsoft.CodeAnalysis;

namespace Freehold.Analyzers;

/// <summary>What is reported. docs/analyzers.md says why, with examples.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor StaticContext = new(
        "FH0001",
        "A tenant's DbContext is not kept in a static member, but made where it is used",
        "{0} is static: it keeps one tenant's {1} for all. Inject {1} where it is used, or ask ITenantDbContextFactory<{1}>.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "#fh0001",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor CapturedContext = new(
        "FH0002",
        "A tenant's DbContext is not kept by a singleton, which takes a factory instead",
        "{0} lives as long as the application and would keep one tenant's {1} for all. Take ITenantDbContextFactory<{1}>, or resolve {1} in a scope inside its tenant.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "#fh0002",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor IgnoredFilters = new(
        "FH0003",
        "IgnoreQueryFilters on a tenant's DbContext names the filters it ignores",
        "IgnoreQueryFilters() ignores every filter of {0}, also one that keeps tenants apart. Name the filters to ignore, or suppress this and say why.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "#fh0003",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor ComposedSql = new(
        "FH0004",
        "SQL that runs on a tenant's DbContext takes values as parameters, not as text",
        "Text put into this SQL can name another tenant's schema or change the search_path of {0}. Pass values as parameters, as {1}($\"…\") does.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "#fh0004",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor ScopeNotLeft = new(
        "FH0005",
        "A TenantScope or AdminScope is left by the method that enters it",
        "Nothing leaves this scope, so it stays for whatever this flow does next. Write using var scope = {0}.{1}(…).",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "#fh0005");

    public static readonly DiagnosticDescriptor ScopeReturned = new(
        "FH0006",
        "A TenantScope or AdminScope is entered by the method that works in it, not by an async helper",
        "What an async method enters is gone for its caller, who stays where it was. Enter in the caller; a helper can return the admitted tenant.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "#fh0006");

    private const string Category = "Freehold";

    // In the repository, as long as that has no address.
    private const string Page = "docs/analyzers.md";
}
