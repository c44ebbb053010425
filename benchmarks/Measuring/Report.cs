using Spectre.Console;

namespace Freehold.Benchmarks.Measuring;

/// <summary>Prints the tables, and at the end which aims were met.</summary>
internal sealed class Report
{
    private readonly List<(string Table, string Row, string Aim, string Was, bool IsMet)> _aims = [];
    private readonly bool _isPiped = Console.IsOutputRedirected;

    public Report()
    {
        if (_isPiped)
        {
            AnsiConsole.Profile.Width = 200;
        }
    }

    /// <summary>What is under way: only where somebody watches.</summary>
    public void Doing(string what)
    {
        if (!_isPiped)
        {
            AnsiConsole.MarkupLine($"[grey]{Markup.Escape(what)} …[/]");
        }
    }

    /// <summary>The machine, and how the numbers are to be read.</summary>
    public static void Introduce()
    {
        Say(Units.Text($"{Environment.ProcessorCount} processors, load {Machine.Load()}, .NET {Environment.Version}."));
        Say("A ratio is the median over many rounds of a batch's time to the (geometric) mean of the baseline's batches right before and after it;");
        Say("the middle half of the rounds is beside it. Where the noise row is not near 1, believe less.");
    }

    public static void Say(string line) => AnsiConsole.WriteLine(line);

    /// <summary>A table of ratios; the first row is the baseline's.</summary>
    public void Ratios(string title, IReadOnlyList<Figures> figures)
    {
        var isServerWeighed = figures.Any(row => row.ServerNanoseconds > 0);
        var table = Begin(["", "time each", "ratio", "middle half", "own CPU", .. isServerWeighed ? ["server CPU", "CPU ratio"] : (string[])[], "allocated", "aim", ""]);
        foreach (var row in figures)
        {
            var isBaseline = ReferenceEquals(row, figures[0]);
            table.AddRow(
            [
                Markup.Escape(row.Name),
                Units.Time(row.Nanoseconds),
                isBaseline ? "1" : Units.Ratio(row.Ratio),
                isBaseline ? "" : $"{Units.Ratio(row.LowRatio)} – {Units.Ratio(row.HighRatio)}",
                Units.Time(row.ProcessorNanoseconds),
                .. isServerWeighed ? [Units.Time(row.ServerNanoseconds), isBaseline ? "1" : Units.Ratio(row.ProcessorRatio)] : (string[])[],
                Units.Bytes(row.Bytes),
                row.Aim?.Text ?? "",
                Verdict(title, row, Units.Ratio(row.Ratio)),
            ]);
        }

        End(title, table);
    }

    /// <summary>A table of differences; the first row is the baseline's.</summary>
    public void Differences(string title, IReadOnlyList<Figures> figures)
    {
        var table = Begin("", "time each", "more", "ratio", "allocated", "more", "aim", "");
        foreach (var row in figures)
        {
            var isBaseline = ReferenceEquals(row, figures[0]);
            table.AddRow(
                Markup.Escape(row.Name),
                Units.Time(row.Nanoseconds),
                isBaseline ? "" : Units.Time(row.NanosecondsMore),
                isBaseline ? "1" : Units.Ratio(row.Ratio),
                Units.Bytes(row.Bytes),
                isBaseline ? "" : Units.Bytes(row.BytesMore),
                row.Aim?.Text ?? "",
                Verdict(title, row, Units.Text($"{Units.Time(row.Nanoseconds)}, {Units.Time(row.NanosecondsMore)} and {Units.Bytes(row.BytesMore)} more")));
        }

        End(title, table);
    }

    /// <summary>A table of plain facts, each with what it should be.</summary>
    public void Facts(string title, IReadOnlyList<Fact> facts)
    {
        var table = Begin("", "is", "aim", "");
        foreach (var fact in facts)
        {
            table.AddRow(fact.What, fact.Is, fact.Aim, fact.IsMet is { } isMet ? Verdict(title, fact.What, fact.Aim, fact.Is, isMet) : "");
        }

        End(title, table);
    }

    /// <summary>A table of figures, the first column of which says whose they are.</summary>
    public void Rows(string title, IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        var table = Begin(["", .. columns]);
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        End(title, table);
    }

    public void Summary()
    {
        var missed = _aims.Where(aim => !aim.IsMet).ToArray();
        Say($"{_aims.Count - missed.Length} of {_aims.Count} aims were met.");
        foreach (var aim in missed)
        {
            Say($"missed: {aim.Table}: {aim.Row}: aim {aim.Aim}, was {aim.Was}");
        }
    }

    // Markdown where it is piped: it reads well as text and can be pasted.
    private Table Begin(params string[] columns)
    {
        var table = new Table().Border(_isPiped ? TableBorder.Markdown : TableBorder.Rounded);
        for (var i = 0; i < columns.Length; i++)
        {
            table.AddColumn(new TableColumn(columns[i]) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        }

        return table;
    }

    private static void End(string title, Table table)
    {
        AnsiConsole.WriteLine();
        Say($"{title} (load {Machine.Load()})");
        AnsiConsole.Write(table);
    }

    private string Verdict(string table, Figures row, string was) =>
        row.Aim is { } aim ? Verdict(table, row.Name, aim.Text, was, aim.IsMet(row)) : "";

    private string Verdict(string table, string row, string aim, string was, bool isMet)
    {
        _aims.Add((table, row, aim, was, isMet));
        return isMet ? "met" : "missed";
    }
}

/// <summary>Something counted or weighed.</summary>
internal sealed record Fact(string What, string Is, string Aim = "", bool? IsMet = null);
