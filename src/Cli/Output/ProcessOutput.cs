using System.Text;
using Spectre.Console;

namespace Freehold.Cli.Output;

/// <summary>A standard stream. One that is no terminal has no width: nothing in it is broken or cut, for it is read by programs.</summary>
internal sealed class ProcessOutput(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
{
    // More than any line has, and still a number that tables can be laid out with.
    private const int Unlimited = 10_000;

    // Terminals that do not know their size say 0, and in less than this nothing can be drawn.
    private const int DefaultWidth = 80;
    private const int DefaultHeight = 24;
    private const int MinWidth = 40;
    private const int MinHeight = 10;

    public TextWriter Writer => writer;

    public bool IsTerminal => isTerminal;

    public int Width => isTerminal ? AtLeast(MinWidth, Console.WindowWidth, DefaultWidth) : Unlimited;

    public int Height => isTerminal ? AtLeast(MinHeight, Console.WindowHeight, DefaultHeight) : Unlimited;

    public void SetEncoding(Encoding encoding)
    {
        if (isTerminal)
        {
            Console.OutputEncoding = encoding;
        }
    }

    private static int AtLeast(int min, int size, int unknown) => size <= 0 ? unknown : Math.Max(min, size);
}
