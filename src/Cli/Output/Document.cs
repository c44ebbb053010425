using System.Text.Json.Serialization;

namespace Freehold.Cli.Output;

/// <summary>What every document begins with. Within one version nothing is renamed or removed; docs/cli.md describes them.</summary>
/// <param name="Command">The command whose result it is.</param>
internal record Document([property: JsonPropertyOrder(-1)] string Command)
{
    [JsonPropertyOrder(-2)]
    public int Version { get; } = 1;

    /// <summary>Why there is no result; absent where there is one.</summary>
    [JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}
