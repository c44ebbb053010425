using System.CommandLine;
using System.CommandLine.Parsing;

namespace Freehold.Cli.Loading;

/// <summary>Which application, and how it is loaded. Every command has these options.</summary>
internal static class ApplicationOptions
{
    public static readonly Option<string?> Project = new("--project", "-p")
    {
        Description = "The application's project, a file or its folder. The working directory's by default.", HelpName = "path", Recursive = true,
    };

    public static readonly Option<bool> NoBuild = new("--no-build") { Description = "Take the application as it was built last.", Recursive = true };

    public static readonly Option<string?> Configuration = new("--configuration", "-c")
    {
        Description = "The configuration to build and load. Debug by default.", HelpName = "name", Recursive = true,
    };

    public static readonly Option<string?> Framework = new("--framework", "-f")
    {
        Description = "The target framework, where the project has several.", HelpName = "moniker", Recursive = true,
    };

    public static readonly Option<string?> Assembly = new("--assembly")
    {
        Description = "The application's assembly, published or built, instead of a project.", HelpName = "path", Recursive = true,
    };

    public static readonly Option<string?> Environment = new("--environment", "-e")
    {
        Description = "The application's environment. By default that of the environment variables; without one Development with a project.",
        HelpName = "name",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Print the result as a JSON document.", Recursive = true };

    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Print the whole of an error, and what the build prints.", Recursive = true };

    static ApplicationOptions() => Project.Validators.Add(static result =>
    {
        if (Is(result, Project) && Is(result, Assembly))
        {
            result.AddError("--project and --assembly exclude each other. Name one of them.");
        }
    });

    public static IEnumerable<Option> All => [Project, NoBuild, Configuration, Framework, Assembly, Environment, Json, Verbose];

    private static bool Is(SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
