using System.Globalization;
using System.Text;

namespace Freehold.Boundaries;

/// <summary>The text of <c>docs/boundaries.md</c>: no dates and no times, so that two runs of the same tests write the same.</summary>
internal static class Page
{
    private const string TableHead = "| Way | Carried by | Statements | Tests passed |\n|---|---|---|---:|\n";

    /// <summary>The page; hosts whose tests were not run have the rows that were kept of them.</summary>
    public static string Render(IReadOnlyList<Cell> cells, IReadOnlyDictionary<string, string?> kept)
    {
        var page = new StringBuilder(Prose.Head);
        foreach (var (index, statement) in Statements.All.Index())
        {
            page.Append(CultureInfo.InvariantCulture, $"{index + 1}. {Statements.Sentence(statement)}\n");
        }

        page.Append('\n').Append(Prose.Guarantees);
        var others = cells.Select(cell => cell.Host).Except(Matrix.Hosts.Select(host => host.Name)).Order(StringComparer.Ordinal);
        foreach (var host in Matrix.Hosts.Concat(others.Select(name => new MatrixHost(name, "", []))))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {host.Name}\n\n");
            if (host.Prose.Length > 0)
            {
                page.Append(host.Prose).Append("\n\n");
            }

            page.Append(TableHead);
            if (kept.GetValueOrDefault(host.Name) is { } rows)
            {
                page.Append(rows);
            }
            else
            {
                AppendRows(page, host, [.. cells.Where(cell => cell.Host == host.Name)]);
            }
        }

        return page.ToString();
    }

    /// <summary>A host's rows in a page; null if it has none.</summary>
    public static string? RowsOf(string host, string page)
    {
        var section = $"\n## {host}\n";
        var start = page.IndexOf(section, StringComparison.Ordinal);
        var parts = start < 0 ? [] : page[(start + section.Length)..].Split("\n## ")[0].Split(TableHead);
        return parts is [_, var rows] ? rows : null;
    }

    private static void AppendRows(StringBuilder page, MatrixHost host, IReadOnlyList<Cell> cells)
    {
        foreach (var way in host.Ways.Union(cells.Select(cell => cell.Way).Order(StringComparer.Ordinal)))
        {
            var carried = cells.Where(cell => cell.Way == way).OrderBy(cell => Matrix.OrderOf(cell.Over)).ThenBy(cell => cell.Over, StringComparer.Ordinal).ToArray();
            foreach (var cell in carried)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {way} | {(cell.Over.Length == 0 ? "" : cell.Over + " ")}| {Statements.HoldingIn(cell)} | {cell.Passed} |\n");
            }

            if (carried.Length == 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {way} | | **none yet** | 0 |\n");
            }
        }
    }
}
