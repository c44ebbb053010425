using System.Text;
using Freehold.Cli.Output;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Freehold.Cli.Tests.Interactive;

public class TableTests
{
    [Fact]
    public void A_long_table_is_cut_on_a_terminal()
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(text), ColorSystem = ColorSystemSupport.NoColors });

        console.DrawTable([.. Enumerable.Range(1, 1000).Select(number => $"tenant-{number:0000}")], ("Tenant", name => Tables.Cell(name)), ("Remarks", _ => null));

        text.ToString().ShouldContain("tenant-0040");
        text.ToString().ShouldNotContain("tenant-0041");
        text.ToString().ShouldContain("… and 960 more");
        text.ToString().ShouldNotContain("Remarks", Case.Sensitive, "A column without anything in it is left out.");
    }

    [Fact]
    public void In_a_pipe_it_is_whole()
    {
        var console = new TestConsole();

        console.DrawTable([.. Enumerable.Range(1, 1000)], ("Number", number => Tables.Cell($"{number}")));

        console.Output.Split('\n').Length.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void A_narrow_terminal_breaks_cells_and_loses_nothing()
    {
        var console = new TestConsole().Width(40);

        console.DrawTable(["one two three four five six seven eight nine ten"], ("Text", text => Tables.Cell(text)));

        console.Output.Split('\n').ShouldAllBe(line => line.Length <= 40);
        console.Output.ShouldContain("ten");
    }

    private sealed class TerminalOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => 80;

        public int Height => 24;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
