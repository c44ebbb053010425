using System.Runtime.CompilerServices;

namespace Freehold.Cli.Tests.Hosting;

/// <summary>Holds a text against a file beside its test; FREEHOLD_ACCEPT_API=1 writes the file instead.</summary>
internal static class Approved
{
    public static void ShouldBeApproved(string actual, string file, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, file);
        if (Environment.GetEnvironmentVariable("FREEHOLD_ACCEPT_API") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        var approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        actual.ShouldBe(approved, $"If {file} is meant to change, accept it: FREEHOLD_ACCEPT_API=1. What was published stays within one version of the documents.");
    }
}
