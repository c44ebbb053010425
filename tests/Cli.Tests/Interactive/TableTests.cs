using Freehold.Cli.Output;
using Spectre.Console.Testing;

namespace Freehold.Cli.Tests.Interactive;

public class TableTests
{
    [Fact]
    public void A_long_table_is_cut_on_a_terminal()
    {
        var console = new TestConsole();

        console.DrawTable([.. Enumerable.Range(1, 1000).Select(number => $"tenant-{number:0000}")], ("Tenant", name => Tables.Cell(name)), ("Remarks", _ => null));

        console.Output.ShouldContain("tenant-0040");
        console.Output.ShouldNotContain("tenant-0041");
        console.Output.ShouldContain("… and 960 more");
        console.Output.ShouldNotContain("Remarks", Case.Sensitive, "A column without anything in it is left out.");
    }

    [Fact]
    public void A_narrow_terminal_breaks_cells_and_loses_nothing()
    {
        var console = new TestConsole().Width(40);

        console.DrawTable(["one two three four five six seven eight nine ten"], ("Text", text => Tables.Cell(text)));

        console.Output.Split('\n').ShouldAllBe(line => line.Length <= 40);
        console.Output.ShouldContain("ten");
    }
}
