using System.Reflection;

namespace Freehold.Cli;

/// <summary>Texts that are files of their own.</summary>
internal static class Resources
{
    public static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
