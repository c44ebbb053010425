using System.CommandLine;

namespace Freehold.Cli.Loading;

/// <summary>The application as files: what <c>dotnet exec</c> is given.</summary>
/// <param name="Assembly">Its assembly.</param>
/// <param name="Folder">Where it runs: its project's folder, as with <c>dotnet run</c>; null for the working directory.</param>
internal sealed record ApplicationTarget(string Assembly, string? Folder)
{
    public string DepsFile => Path.ChangeExtension(Assembly, ".deps.json");

    public string RuntimeConfig => Path.ChangeExtension(Assembly, ".runtimeconfig.json");

    /// <summary>The one that the options name; its project is built before.</summary>
    /// <exception cref="ToolException">There is none, or it is not one that can be loaded.</exception>
    public static async Task<ApplicationTarget> FindAsync(ParseResult arguments, Action<string> say, CancellationToken cancellationToken)
    {
        var target = arguments.GetValue(ApplicationOptions.Assembly) is { } assembly
            ? new ApplicationTarget(Path.GetFullPath(assembly), null)
            : await ApplicationProject.Find(arguments).BuildAsync(say, cancellationToken).ConfigureAwait(false);
        return target.Checked();
    }

    private ApplicationTarget Checked()
    {
        if (!File.Exists(Assembly))
        {
            throw ToolException.Unusable($"There is no {Assembly}. {(Folder is null ? "Name the application's .dll with --assembly." : "Leave --no-build away, so that it is built.")}");
        }

        if (!File.Exists(RuntimeConfig) || !File.Exists(DepsFile))
        {
            throw ToolException.Unusable(
                $"{Path.GetFileName(Assembly)} is no application: beside it are not both {Path.GetFileName(RuntimeConfig)} and {Path.GetFileName(DepsFile)}. "
                + "Name the project that starts the host, with --project or --assembly.");
        }

        return File.ReadAllText(RuntimeConfig).Contains("\"includedFrameworks\"", StringComparison.Ordinal)
            ? throw ToolException.Unusable($"{Path.GetFileName(Assembly)} was published with a runtime of its own, into which no tool can be loaded. Publish it with --no-self-contained.")
            : this;
    }
}
