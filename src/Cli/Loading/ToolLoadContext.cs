using System.Reflection;
using System.Runtime.Loader;

namespace Freehold.Cli.Loading;

/// <summary>
/// Inside the application's process, the tool with all that it brought in its folder, in versions of its own; everything else, Freehold included, is the
/// application's.
/// </summary>
internal sealed class ToolLoadContext() : AssemblyLoadContext("freehold")
{
    private static readonly Assembly Self = typeof(ToolLoadContext).Assembly;

    private readonly string _folder = Path.GetDirectoryName(Self.Location)!;

    public static bool IsNeeded(string[] args) => Handover.IsIn(args) && GetLoadContext(Self) == Default;

    public static Task<int> EnterAsync(string[] args)
    {
        var again = new ToolLoadContext().LoadFromAssemblyPath(Self.Location);
        var run = again.GetType(typeof(Entry).FullName!)!.GetMethod(nameof(Entry.RunAsync), BindingFlags.Public | BindingFlags.Static)!;
        return run.CreateDelegate<Func<string[], Task<int>>>()(args);
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var file = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
