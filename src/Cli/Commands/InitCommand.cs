using System.CommandLine;
using System.Reflection;
using Freehold.Cli.Loading;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>Shows what a project needs to have tenants, and writes it where that is wanted. What is there is left as it is.</summary>
internal sealed class InitCommand : PromptCommand
{
    private const string File = "Tenancy.cs";

    private static readonly string[] Providers = ["postgres", "sqlite"];

    private readonly Option<string?> _provider = TypedOptions.OneOf("--provider", "provider", "Where tenants' data will be; postgres by default.", Providers);
    private readonly Option<bool> _write = TypedOptions.Flag("--write", $"Write {File} into the project and add the packages. What is there already is left as it is.");

    public InitCommand() : base("init", "Show, or write, what a project needs to have tenants.")
    {
        Add(_provider);
        Add(_write);
    }

    public override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        var provider = (arguments.GetValue(_provider) ?? Providers[0]).ToLowerInvariant();
        var code = Resources.Read($"Tenancy.{provider}.cs");
        var packages = new[] { "Freehold.Operations", "Microsoft.EntityFrameworkCore.Design" };
        var written = arguments.GetValue(_write) ? await WriteAsync(ApplicationProject.Find(arguments), code, packages[0], stop).ConfigureAwait(false) : [];
        string[] steps =
        [
            .. written.Count > 0 ? [] : packages.Select(package => $"dotnet add package {package}{(package == packages[0] ? $" --version {Version}" : "")}"),
            "In Program.cs: builder.AddTenancy<YourDbContext>();",
            provider == "postgres"
                ? "dotnet user-secrets set ConnectionStrings:Tenants \"Host=…;Database=…;Username=…;Password=…\""
                : "In appsettings.json: \"Tenants\": { \"acme\": {} }",
            "freehold migrations add Initial",
            "freehold provision acme",
            "freehold status",
        ];
        terminal.Show(new InitResult(provider, File, code, steps, written), console => Draw(console, code, steps, written));
        return ExitCode.Done;
    }

    private static string Version =>
        typeof(InitCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static async Task<IReadOnlyList<string>> WriteAsync(ApplicationProject project, string code, string package, CancellationToken stop)
    {
        var done = new List<string>();
        var file = Path.Combine(project.Folder, File);
        if (System.IO.File.Exists(file))
        {
            done.Add($"{file} is there already: left as it is.");
        }
        else
        {
            await System.IO.File.WriteAllTextAsync(file, code, stop).ConfigureAwait(false);
            done.Add($"Written: {file}");
        }

        if ((await System.IO.File.ReadAllTextAsync(project.File, stop).ConfigureAwait(false)).Contains(package, StringComparison.Ordinal))
        {
            done.Add($"{Path.GetFileName(project.File)} refers to {package} already: left as it is.");
            return done;
        }

        var (exitCode, output) = await DotnetCommand.RunAsync(["add", project.File, "package", package, "--version", Version], stop).ConfigureAwait(false);
        done.Add(exitCode == 0 ? $"Added: {package} {Version}" : throw ToolException.Unusable($"{output.Trim()}\n{package} could not be added to {project.File}."));
        return done;
    }

    private static void Draw(IAnsiConsole console, string code, string[] steps, IReadOnlyList<string> written)
    {
        if (written.Count == 0)
        {
            console.WriteLine($"{File}\n");
            console.WriteLine(code);
        }

        foreach (var line in written)
        {
            console.WriteLine(line);
        }

        console.WriteLine("Then:");
        foreach (var step in steps)
        {
            console.WriteLine($"  {step}");
        }
    }

    private sealed record InitResult(string Provider, string File, string Code, IReadOnlyList<string> Steps, IReadOnlyList<string> Written) : Document("init");
}
