using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;

namespace Freehold.Shared;

/// <summary>Holds the public API of an assembly against the snapshot that was approved.</summary>
public static class PublicApi
{
    private const string AcceptVariable = "FREEHOLD_ACCEPT_API";

    private static readonly ApiGeneratorOptions Options = new() { IncludeAssemblyAttributes = false };

    /// <summary>
    /// Fails with the lines that differ from <c>PublicApi.approved.txt</c> beside the caller's file; writes that file instead if
    /// <c>FREEHOLD_ACCEPT_API=1</c> is set.
    /// </summary>
    public static void ShouldBeApproved(Assembly assembly, [CallerFilePath] string caller = "")
    {
        var folder = Path.GetDirectoryName(caller)!;
        var file = Path.Combine(folder, "PublicApi.approved.txt");
        var actual = assembly.GeneratePublicApi(Options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(file, actual);
            return;
        }

        var approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (approved != actual)
        {
            var project = Path.GetFileName(folder).Replace(".Tests", "", StringComparison.Ordinal);
            throw new ShouldAssertException(
                $"The public API of {assembly.GetName().Name} is not the approved one (- approved, + now):\n" +
                $"{LineDiff.Between(approved, actual)}\nIf this is meant, accept it: {AcceptVariable}=1 ./test {project}");
        }
    }
}
