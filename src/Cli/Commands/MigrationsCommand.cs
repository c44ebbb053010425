using System.CommandLine;
using System.Diagnostics;
using Freehold.Cli.Loading;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Cli.Commands;

/// <summary>
/// Hands <c>migrations add</c> and its siblings to <c>dotnet ef</c>, for the project in which the context's migrations are: where there is one for each provider, the one of
/// the provider that the application uses as it is loaded.
/// </summary>
internal sealed class MigrationsCommand : ApplicationCommand
{
    private readonly Argument<string[]> _arguments = new("arguments")
    {
        Description = "What dotnet ef migrations takes: add <name>, list, remove, script, …", Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _context = TypedOptions.Text("--context", "name", "The DbContext, where there are several.");

    public MigrationsCommand() : base("migrations", "Hand over to 'dotnet ef migrations', for the project in which the application's migrations are.")
    {
        Add(_arguments);
        Add(_context);
        TreatUnmatchedTokensAsErrors = false;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        if (invocation.Value(ApplicationOptions.Assembly) is not null)
        {
            throw ToolException.Usage("Migrations are written into a project. Name it with --project instead of --assembly.");
        }

        var context = TenantSql.ContextOf(invocation.Services, invocation.Value(_context));
        var project = ApplicationProject.Find(invocation.Arguments, invocation.Folder);
        var migrations = MigrationsAssemblyOf(invocation.Services, context);
        var target = await ProjectOfAsync(invocation, project, migrations).ConfigureAwait(false);
        string[] typed = [.. invocation.Value(_arguments)!, .. invocation.Arguments.UnmatchedTokens];
        string[] ef = ["ef", "migrations", .. typed, "--context", context.Name, "--project", target, "--startup-project", project.File, "--no-build"];
        string[] configuration = invocation.Value(ApplicationOptions.Configuration) is { } name ? ["--configuration", name] : [];
        string[] application = invocation.ApplicationArguments.Count > 0 ? ["--", .. invocation.ApplicationArguments] : [];
        using var process = DotnetCommand.Start(new ProcessStartInfo(DotnetCommand.Program, [.. ef, .. configuration, .. application]) { WorkingDirectory = invocation.Folder });
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        return process.ExitCode switch
        {
            0 => ExitCode.Done,
            _ => throw new ToolException(ExitCode.Found, "dotnet ef failed; what it printed says why. If there is no such command: dotnet tool install --global dotnet-ef"),
        };
    }

    private static string MigrationsAssemblyOf(IServiceProvider services, Type context) => services.GetServices<DbContextOptions>()
        .First(options => options.ContextType == context).Extensions.OfType<RelationalOptionsExtension>().FirstOrDefault()?.MigrationsAssembly
        ?? context.Assembly.GetName().Name!;

    private static async Task<string> ProjectOfAsync(Invocation invocation, ApplicationProject project, string assembly)
    {
        if (string.Equals(invocation.Application, assembly, StringComparison.Ordinal))
        {
            return project.File;
        }

        var references = await project.ReferencesAsync(invocation.Stop).ConfigureAwait(false);
        return references.TryGetValue(assembly, out var found) ? found : throw ToolException.Unusable(
            $"The migrations are in {assembly}, and no project that {Path.GetFileName(project.File)} refers to makes it. Call dotnet ef in that project.");
    }
}
