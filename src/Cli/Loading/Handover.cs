using System.Text.Json;

namespace Freehold.Cli.Loading;

/// <summary>What the process at the prompt tells the one inside the application, as its first argument.</summary>
/// <param name="Assembly">The application.</param>
/// <param name="Folder">Where the application runs; null for where the tool was called.</param>
/// <param name="ApplicationArguments">Its own arguments.</param>
/// <param name="StopHandle">The pipe by which the process at the prompt says that it is time to stop.</param>
internal sealed record Handover(string Assembly, string? Folder, string[] ApplicationArguments, string StopHandle)
{
    private const string Mark = "freehold-inside:";

    public static bool IsIn(string[] args) => args is [var first, ..] && first.StartsWith(Mark, StringComparison.Ordinal);

    public static Handover? TryRead(string[] args) => IsIn(args) ? JsonSerializer.Deserialize<Handover>(args[0].AsSpan(Mark.Length)) : null;

    public string Write() => Mark + JsonSerializer.Serialize(this);
}
