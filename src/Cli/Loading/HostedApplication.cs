using System.CommandLine;
using System.Reflection;
using System.Runtime.Loader;
using Freehold.Cli.Commands;
using Freehold.Cli.Output;

namespace Freehold.Cli.Loading;

/// <summary>Inside the application's process: builds its host, does not start it, and runs the command with its services.</summary>
internal sealed class HostedApplication(Handover handover, Terminal terminal, ApplicationOutput output, CancellationToken stop) : IApplicationAccess
{
    private const string Operations = "Freehold.Operations";

    public async Task<int> RunAsync(ApplicationCommand command, ParseResult arguments, IReadOnlyList<string> all, IReadOnlyList<string> applicationArguments)
    {
        // Paths that were typed are relative to where they were typed.
        var folder = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(handover.Folder ?? folder);
        var name = Path.GetFileNameWithoutExtension(handover.Assembly);
        CheckVersion(name);
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(handover.Assembly);
        Assembly.SetEntryAssembly(assembly);
        var application = await EntryPoint.BuildHostAsync(assembly, handover.ApplicationArguments, output, stop).ConfigureAwait(false);
        await using var _ = application.ConfigureAwait(false);
        return await command.RunAsync(new(arguments, terminal, application.Services, name, folder, stop) { ApplicationArguments = handover.ApplicationArguments }).ConfigureAwait(false);
    }

    // Before anything of the tool that is compiled against it is called.
    private static void CheckVersion(string name)
    {
        Assembly operations;
        try
        {
            operations = AssemblyLoadContext.Default.LoadFromAssemblyName(new(Operations));
        }
        catch (FileNotFoundException failure)
        {
            throw ToolException.Unusable(
                $"{name} does not use {Operations}. Add the package ('dotnet add package {Operations}') and call AddOperations() within AddMultiTenancy; 'freehold init' shows how.",
                failure);
        }

        var (theirs, ours) = (VersionOf(operations), VersionOf(typeof(HostedApplication).Assembly));
        if (Line(theirs) != Line(ours))
        {
            throw ToolException.Unusable(
                $"{name} uses {Operations} {theirs}, and this is freehold {ours}. Install the tool in the application's version: dotnet tool update Freehold.Cli --version {theirs}");
        }
    }

    // Up to the minor version, within which nothing breaks.
    private static string Line(string version) => string.Join('.', version.Split('.').Take(2));

    private static string VersionOf(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
