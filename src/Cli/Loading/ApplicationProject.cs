using System.CommandLine;
using System.Text.Json;

namespace Freehold.Cli.Loading;

/// <summary>The application's project: found, built, and asked for what it makes.</summary>
internal sealed class ApplicationProject
{
    private const string TargetPath = "TargetPath";
    private const string OutputType = "OutputType";
    private const string Frameworks = "TargetFrameworks";
    private const string Framework = "TargetFramework";

    private readonly ParseResult _arguments;

    private ApplicationProject(ParseResult arguments, string file) => (_arguments, File) = (arguments, file);

    public string File { get; }

    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>That of <c>--project</c>, or the only one of the working directory.</summary>
    /// <exception cref="ToolException">There is none, or more than one.</exception>
    public static ApplicationProject Find(ParseResult arguments, string? folder = null)
    {
        var named = arguments.GetValue(ApplicationOptions.Project);
        var place = Path.GetFullPath(named ?? ".", folder ?? Directory.GetCurrentDirectory());
        if (System.IO.File.Exists(place))
        {
            return new(arguments, place);
        }

        var files = Directory.Exists(place) ? Directory.GetFiles(place, "*.??proj") : [];
        return files switch
        {
            [var one] => new(arguments, one),
            [] when named is not null => throw ToolException.Unusable($"There is no project at {place}. Correct --project."),
            [] => throw ToolException.Unusable($"There is no project in {place}. Call freehold in the application's folder, or name it with --project or --assembly."),
            _ => throw ToolException.Unusable($"There are several projects in {place}. Name the application's with --project."),
        };
    }

    /// <summary>Builds it, unless that is not wanted.</summary>
    /// <exception cref="ToolException">The build failed, or it makes no application.</exception>
    public async Task<ApplicationTarget> BuildAsync(Action<string> say, CancellationToken cancellationToken)
    {
        IEnumerable<string> start = _arguments.GetValue(ApplicationOptions.NoBuild)
            ? ["msbuild", File, "-nologo"]
            : ["build", File, "-t:Build", "-nologo", "-v:quiet", "-clp:NoSummary"];
        var (answer, output) = await AskAsync([.. start, $"-getProperty:{TargetPath},{OutputType},{Framework},{Frameworks}"], cancellationToken).ConfigureAwait(false);
        if (_arguments.GetValue(ApplicationOptions.Verbose))
        {
            say(output);
        }

        return Target(answer.Properties!);
    }

    /// <summary>The projects that it refers to, by the names of their assemblies.</summary>
    /// <exception cref="ToolException">It cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ReferencesAsync(CancellationToken cancellationToken)
    {
        var (answer, _) = await AskAsync(["msbuild", File, "-nologo", "-t:ResolveReferences", "-p:BuildProjectReferences=false", "-getItem:ReferencePath"], cancellationToken).ConfigureAwait(false);
        return answer.Items!["ReferencePath"]
            .Where(item => item.GetValueOrDefault("MSBuildSourceProjectFile") is { Length: > 0 })
            .ToDictionary(item => item["Filename"], item => item["MSBuildSourceProjectFile"], StringComparer.Ordinal);
    }

    private async Task<(Answer Answer, string Output)> AskAsync(IEnumerable<string> question, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            string[] properties = [.. Property("Configuration", ApplicationOptions.Configuration), .. Property(Framework, ApplicationOptions.Framework)];
            string[] command = [.. question, .. properties, $"-getResultOutputFile:{file}"];
            var (exitCode, output) = await DotnetCommand.RunAsync(command, cancellationToken).ConfigureAwait(false);
            return exitCode == 0
                ? (JsonSerializer.Deserialize<Answer>(await System.IO.File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false))!, output.Trim())
                : throw ToolException.Unusable($"{output.Trim()}\n{Path.GetFileName(File)} cannot be built. Correct that first.");
        }
        finally
        {
            System.IO.File.Delete(file);
        }
    }

    private ApplicationTarget Target(Dictionary<string, string> properties) => properties switch
    {
        _ when properties[Framework].Length == 0 && properties[Frameworks].Length > 0 =>
            throw ToolException.Usage(
                $"{Path.GetFileName(File)} has several target frameworks. Choose one with --framework: {properties[Frameworks].Replace(";", ", ", StringComparison.Ordinal)}."),
        _ when !properties[OutputType].EndsWith("exe", StringComparison.OrdinalIgnoreCase) =>
            throw ToolException.Unusable($"{Path.GetFileName(File)} is a library. Name the project that starts the host with --project."),
        _ => new(properties[TargetPath], Folder),
    };

    private IEnumerable<string> Property(string name, Option<string?> option) => _arguments.GetValue(option) is { } value ? [$"-p:{name}={value}"] : [];

    private sealed record Answer(Dictionary<string, string>? Properties, Dictionary<string, Dictionary<string, string>[]>? Items);
}
