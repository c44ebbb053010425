using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Freehold.Cli.Output;
using Spectre.Console;
using static Freehold.Cli.Output.Tables;

namespace Freehold.Cli.Commands;

/// <summary>Compares tenants with what their migrations make.</summary>
internal sealed class DiffCommand : ApplicationCommand
{
    private const int NamedTenants = 3;

    private readonly SelectionOptions _selection;
    private readonly Option<string?> _script = TypedOptions.Text("--repair-script", "file", "Write the SQL that repairs what can be repaired. Nothing runs it but you.");

    public DiffCommand() : base("diff", "Compare what tenants' schemas really look like with a freshly migrated one. Exit code 1 on drift. PostgreSQL.")
    {
        _selection = new(this);
        Add(_script);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var tenants = await _selection.FindAsync(invocation).ConfigureAwait(false);
        var report = await Waiting.ShowAsync(
            invocation.Terminal, $"Comparing {Count(tenants.Count, "tenant")}", () => invocation.Get<ITenantDrift>().CompareAsync(tenants, invocation.Stop)).ConfigureAwait(false);
        var script = invocation.Value(_script) is { } file ? await WriteAsync(report, invocation.PathOf(file), invocation.Stop).ConfigureAwait(false) : null;
        invocation.Terminal.Show(DiffResult.Of(report) with { RepairScript = script }, console => Draw(console, report));
        if (script is not null)
        {
            invocation.Terminal.Say($"Written: {script}. Read it, and run it as the role that migrates.");
        }

        return report.HasDrift ? ExitCode.Found : ExitCode.Done;
    }

    private static void Draw(IAnsiConsole console, DriftReport report)
    {
        var rows = report.Drifted.SelectMany(place => place.Differences.Select(difference => (place, difference))).ToArray();
        if (rows.Length > 0)
        {
            console.DrawTable(
                rows,
                ("Tenant", row => Cell(Some([.. row.place.Tenants.Select(tenant => tenant.Value)], NamedTenants))),
                ("Kind", row => Cell(row.difference.Kind.ToString())),
                ("Subject", row => Cell(row.difference.Subject)),
                ("Expected", row => Cell(row.difference.Expected ?? "nothing", Color.Green)),
                ("Actual", row => Cell(row.difference.Actual ?? "missing", Color.Red)),
                ("Repairable", row => Cell(row.difference.IsRepairable ? "yes" : row.place.Pending.Count > 0 ? "migrate first" : "by hand")));
        }

        console.WriteLine(report.HasDrift
            ? $"{Count(report.Drifted.Count, "place")} of {report.Compared} differ{(report.Drifted.Count == 1 ? "s" : "")} from what migrations make."
            : $"{Count(report.Compared, "place")} compared: no drift.");
    }

    // A file for each run of psql would be many: one, with where each part belongs.
    private static async Task<string> WriteAsync(DriftReport report, string file, CancellationToken stop)
    {
        var text = new StringBuilder();
        foreach (var place in report.Drifted.Where(place => place.RepairSql is not null))
        {
            var database = place.Database ?? "(the server's own)";
            text.Append(CultureInfo.InvariantCulture, $"-- {string.Join(", ", place.Tenants)}: server {place.Server}, database {database}, schema {place.Schema}\n")
                .Append(place.RepairSql).Append("\n\n");
        }

        await File.WriteAllTextAsync(file, text.Length > 0 ? text.ToString() : "-- Nothing can be repaired by a script.\n", stop).ConfigureAwait(false);
        return file;
    }

    private sealed record DiffResult(int Compared, IReadOnlyList<PlaceDocument> Drifted) : Document("diff")
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? RepairScript { get; init; }

        public static DiffResult Of(DriftReport report) => new(report.Compared, [.. report.Drifted.Select(place => new PlaceDocument(
            [.. place.Tenants.Select(tenant => tenant.Value)], place.Server, place.Database, place.Schema, MigrationDocument.Of(place.Pending),
            [.. place.Differences.Select(difference => new DifferenceDocument(difference.Kind, difference.Subject, difference.Expected, difference.Actual, difference.IsRepairable))],
            place.RepairSql))]);
    }

    private sealed record PlaceDocument(
        IReadOnlyList<string> Tenants, string Server, string? Database, string Schema, IReadOnlyList<MigrationDocument> Pending,
        IReadOnlyList<DifferenceDocument> Differences, string? RepairSql);

    private sealed record DifferenceDocument(DriftKind Kind, string Subject, string? Expected, string? Actual, bool IsRepairable);
}
