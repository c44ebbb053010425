using System.Globalization;
using System.Text;

namespace Freehold.Boundaries;

/// <summary>The text of <c>docs/boundaries.md</c>: no dates and no times, so that two runs of the same tests write the same.</summary>
internal static class Page
{
    public static string Render(IReadOnlyList<Cell> cells)
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

            AppendTable(page, host, [.. cells.Where(cell => cell.Host == host.Name)]);
        }

        return page.ToString();
    }

    private static void AppendTable(StringBuilder page, MatrixHost host, IReadOnlyList<Cell> cells)
    {
        page.Append("| Way | Carried by | Statements | Tests passed |\n|---|---|---|---:|\n");
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
