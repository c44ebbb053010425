using Spectre.Console;
using Spectre.Console.Rendering;

namespace Freehold.Cli.Output;

/// <summary>Tables as people read them: cut on a terminal, whole in a pipe.</summary>
internal static class Tables
{
    /// <summary>How many rows of a table a terminal gets.</summary>
    public const int MaxRows = 40;

    /// <summary>Draws one; columns in which no row has anything are left out.</summary>
    public static void DrawTable<T>(this IAnsiConsole console, IReadOnlyList<T> rows, params (string Title, Func<T, IRenderable?> Cell)[] columns)
    {
        var cut = console.Profile.Out.IsTerminal && rows.Count > MaxRows ? rows.Take(MaxRows).ToArray() : rows;
        var cells = cut.Select(row => columns.Select(column => column.Cell(row)).ToArray()).ToArray();
        var used = Enumerable.Range(0, columns.Length).Where(i => cells.Any(row => row[i] is not null)).ToArray();
        var table = new Table { Border = console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.None };
        foreach (var i in used)
        {
            table.AddColumn(new TableColumn(new Text(columns[i].Title, new Style(decoration: Decoration.Bold))));
        }

        foreach (var row in cells)
        {
            table.AddRow(used.Select(i => row[i] ?? Text.Empty));
        }

        console.Write(table);
        if (rows.Count > cut.Count)
        {
            console.WriteLine($"… and {rows.Count - cut.Count} more (--json and a pipe have all)");
        }
    }

    /// <summary>A cell; nothing where there is no text.</summary>
    public static Text? Cell(string? text, Color? color = null) => string.IsNullOrEmpty(text) ? null : new Text(text, new Style(color));

    /// <summary>The first few of many, and how many more there are.</summary>
    public static string Some(IReadOnlyList<string> names, int max) =>
        names.Count <= max ? string.Join(", ", names) : $"{string.Join(", ", names.Take(max))} and {names.Count - max} more";

    /// <summary>"1 tenant", "2 tenants".</summary>
    public static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
