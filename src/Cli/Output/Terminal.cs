using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Freehold.Cli.Output;

/// <summary>Where the tool prints: results to standard output, everything else to standard error.</summary>
/// <param name="results">Tables and documents.</param>
/// <param name="messages">Progress, errors, and what there is to say besides.</param>
/// <param name="isInteractive">Whether somebody sits there and can be asked.</param>
/// <param name="isJson">Whether results are documents.</param>
internal sealed class Terminal(IAnsiConsole results, IAnsiConsole messages, bool isInteractive, bool isJson)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public IAnsiConsole Results => results;

    public IAnsiConsole Messages => messages;

    public bool IsInteractive => isInteractive && !isJson;

    public bool IsJson => isJson;

    /// <summary>The terminal or the pipes of this process. NO_COLOR is obeyed.</summary>
    public static Terminal OfProcess(bool isJson) => new(
        Create(Console.Out, !Console.IsOutputRedirected),
        Create(Console.Error, !Console.IsErrorRedirected),
        !Console.IsInputRedirected && !Console.IsOutputRedirected && !Console.IsErrorRedirected,
        isJson);

    /// <summary>The result: a document, or what people read.</summary>
    public void Show<T>(T document, Action<IAnsiConsole> draw)
    {
        if (isJson)
        {
            results.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(document, Json));
        }
        else
        {
            draw(results);
        }
    }

    /// <summary>A line for people, not part of the result.</summary>
    public void Say(string text) => messages.WriteLine(text);

    public void SayError(string text)
    {
        messages.Write(new Text(text, new Style(Color.Red)));
        messages.WriteLine();
    }

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new ProcessOutput(writer, isTerminal) });
}
