using Microsoft.EntityFrameworkCore;
using Spectre.Console;

namespace QuickStart.Tour;

/// <summary>Everything that is printed. Reads as well at 80 columns and in a file.</summary>
internal static partial class Screen
{
    private const int DefectsShown = 10;

    public static void Title()
    {
        if (!EF.IsDesignTime)
        {
            AnsiConsole.MarkupLine("[bold]Freehold quick start[/]");
        }
    }

    public static void Place(string what, string where)
    {
        if (!EF.IsDesignTime) // dotnet ef starts the application too, and writes to the same output.
        {
            Console.WriteLine($"  {what,-12}{where}");
        }
    }

    public static void Rows(IReadOnlyList<PlacedOrder> orders, Evidence evidence)
    {
        var tenants = orders.Select(order => order.Tenant).Distinct().ToArray();
        Console.WriteLine();
        Console.WriteLine($"{orders.Count} orders over HTTP, of {string.Join(" and ", tenants)} at once; each crossed four boundaries:");
        var table = NewTable("Tenant", "Boundary", "What it saw", "Rows", "Where they went");
        table.Columns[3].RightAligned();
        foreach (var tenant in tenants)
        {
            if (tenant != tenants[0])
            {
                table.AddEmptyRow();
            }

            foreach (var (index, trace) in evidence.Traces.Where(trace => trace.Tenant == tenant).Index())
            {
                table.AddRow(
                    index == 0 ? $"[bold]{tenant}[/]" : "",
                    trace.Boundary.Name,
                    Markup.Escape(trace.Saw),
                    $"{trace.Rows}",
                    Markup.Escape(trace.Place));
            }
        }

        AnsiConsole.Write(table);
    }

    public static void Refusals(IReadOnlyList<Refusal> refusals)
    {
        Console.WriteLine();
        Console.WriteLine("Refused before any code of the application ran:");
        var table = NewTable("The request", "Status", "Code");
        foreach (var refusal in refusals)
        {
            table.AddRow(Markup.Escape(refusal.What), $"{refusal.Status}", refusal.Code ?? "");
        }

        AnsiConsole.Write(table);
    }

    /// <exception cref="TourFailedException">There are defects.</exception>
    public static void Verdict(Evidence evidence, IReadOnlyList<string> defects)
    {
        if (defects.Count > 0)
        {
            var more = defects.Count > DefectsShown ? $"\n  … and {defects.Count - DefectsShown} more" : "";
            var shown = string.Join('\n', defects.Take(DefectsShown).Select(defect => $"  {defect}"));
            throw new TourFailedException($"{defects.Count} things are not as they must be:\n{shown}{more}");
        }

        Console.WriteLine();
        AnsiConsole.MarkupLine("[bold green]Passed.[/] Read from outside, without Freehold and EF:");
        Console.WriteLine($"  - all {evidence.Rows} rows are there, each in its own tenant's data, none in another's;");
        Console.WriteLine("  - every step worked with its own tenant's prices and warehouse;");
        Console.WriteLine("  - the refused requests left no row anywhere.");
    }

    public static void Serving(string url, Outside outside)
    {
        Console.WriteLine();
        AnsiConsole.MarkupLine("[bold]Running until Ctrl-C.[/] To try, in another terminal:");
        Console.WriteLine(
            $$"""

            U={{url}}

            # an order of acme; then what acme has, and what globex has
            curl $U/orders -H 'tenant-id: acme' --json '{"product":"anvil","quantity":3}'
            curl $U/orders -H 'tenant-id: acme'
            curl $U/orders -H 'tenant-id: globex'

            # ann is a user of acme: as herself, and asking for globex
            T=$(curl -s -X POST $U/sign-in/ann | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
            curl $U/orders -H 'tenant-id: acme' -H "Authorization: Bearer $T"
            curl $U/orders -H 'tenant-id: globex' -H "Authorization: Bearer $T"

            # from outside
            {{outside.ShellCommand(Tenants.Acme.Id.Value, "Invoices")}}
            {{outside.ShellCommand(Tenants.Globex.Id.Value, "Invoices")}}

            """);
        OverGraphQL();
    }

    public static void Stopped() => Console.Error.WriteLine("Stopped.");

    public static void Failed(string reason) => Console.Error.WriteLine($"FAILED: {reason}");

    // Of folder GraphQL, if that is compiled.
    static partial void OverGraphQL();

    private static Table NewTable(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn($"[bold]{column}[/]");
        }

        return table;
    }
}
