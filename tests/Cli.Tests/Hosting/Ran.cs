using System.Text.Json;

namespace Freehold.Cli.Tests.Hosting;

/// <summary>How a command ended, and what it printed.</summary>
public sealed record Ran(int ExitCode, string Output, string Messages)
{
    /// <summary>Standard output, which is one document and nothing else.</summary>
    public JsonElement Document => JsonDocument.Parse(Output).RootElement;

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Messages}";
}
