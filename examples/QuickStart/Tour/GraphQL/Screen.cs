using Spectre.Console;

namespace QuickStart.Tour;

internal static partial class Screen
{
    public static void Operations(GraphTour tour)
    {
        Console.WriteLine();
        Console.WriteLine($"{tour.Orders.Count} more over GraphQL, by both at once; the four boundaries follow as above:");
        var table = NewTable("Tenant", "Operation", "Over", "What it saw", "Orders");
        table.Columns[4].RightAligned();
        foreach (var tenant in tour.Traces.GroupBy(trace => trace.Tenant))
        {
            if (table.Rows.Count > 0)
            {
                table.AddEmptyRow();
            }

            foreach (var (index, trace) in tenant.Index())
            {
                table.AddRow(index == 0 ? $"[bold]{trace.Tenant}[/]" : "", trace.Operation, trace.Over, Markup.Escape(trace.Saw), $"{trace.Orders}");
            }
        }

        AnsiConsole.Write(table);
    }

    static partial void OverGraphQL() => Console.WriteLine(
        """
        # the same over GraphQL; and what acme's subscriber hears, until Ctrl-C
        curl $U/graphql -H 'tenant-id: acme' --json '{"query":"{ products { name price } orders { id total } }"}'
        curl $U/graphql -H 'tenant-id: acme' --json '{"query":"mutation { placeOrder(product: \"anvil\", quantity: 2) { id } }"}'
        curl -N $U/graphql -H 'tenant-id: acme' -H 'Accept: text/event-stream' --json '{"query":"subscription { orderPlaced { id total } }"}'

        """);
}
