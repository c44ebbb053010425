using System.Text;
using Spectre.Console;

namespace Freehold.Cli.Output;

/// <summary>A standard stream. One that is no terminal has no width: nothing in it is broken or cut, for it is read by programs.</summary>
internal sealed class ProcessOutput(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
{
    // More than any line has, and still a number that tables can be laid out with.
    private const int Unlimited = 10_000;

    private const int MinWidth = 40;

    public TextWriter Writer => writer;

    public bool IsTerminal => isTerminal;

    public int Width => isTerminal ? Math.Max(Console.WindowWidth, MinWidth) : Unlimited;

    public int Height => isTerminal ? Console.WindowHeight : Unlimited;

    public void SetEncoding(Encoding encoding)
    {
        if (isTerminal)
        {
            Console.OutputEncoding = encoding;
        }
    }
}
