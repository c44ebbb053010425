using System.CommandLine;
using Freehold.Cli.Output;
using Spectre.Console;
using static Freehold.Cli.Output.Tables;

namespace Freehold.Cli.Commands;

/// <summary>Looks in the databases for what would let data leak.</summary>
internal sealed class DoctorCommand : ApplicationCommand
{
    private readonly Option<bool> _remedies = TypedOptions.Flag("--remedies", "Print the SQL that mends each finding, too. Nothing runs it but you.");

    public DoctorCommand() : base("doctor", "Look in the databases for what would let one tenant see another's data. Exit code 1 where something does.") => Add(_remedies);

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var report = await Waiting.ShowAsync(invocation.Terminal, "Examining", () => invocation.Get<ITenantDoctor>().ExamineAsync(invocation.Stop)).ConfigureAwait(false);
        invocation.Terminal.Show(
            new DoctorResult(report.IsHealthy, [.. report.Findings.Select(finding => new FindingDocument(
                finding.Rule, finding.Severity, finding.Server, finding.Database, finding.Subject, finding.Finding, finding.RemedySql))]),
            console => Draw(console, report, invocation.Value(_remedies)));
        return report.IsHealthy ? ExitCode.Done : ExitCode.Found;
    }

    private static void Draw(IAnsiConsole console, DoctorReport report, bool withRemedies)
    {
        if (report.Findings.Count > 0)
        {
            console.DrawTable(
                report.Findings,
                ("Rule", finding => Cell(finding.Rule, finding.Severity == DoctorSeverity.Error ? Color.Red : Color.Yellow)),
                ("Severity", finding => Cell(finding.Severity.ToString())),
                ("Server", finding => Cell(finding.Server == TenantPlacement.DefaultServer ? "" : finding.Server)),
                ("Database", finding => Cell(finding.Database)),
                ("Subject", finding => Cell(finding.Subject)),
                ("Finding", finding => Cell(finding.Finding)));
        }

        foreach (var finding in report.Findings.Where(finding => withRemedies && finding.RemedySql is not null))
        {
            console.WriteLine($"-- {finding.Rule} {finding.Database} {finding.Subject}\n{finding.RemedySql}");
        }

        var errors = report.Findings.Count(finding => finding.Severity == DoctorSeverity.Error);
        console.WriteLine(report.Findings.Count == 0 ? "Nothing was found." : $"{Count(errors, "error")}, {Count(report.Findings.Count - errors, "warning")}.");
    }

    private sealed record DoctorResult(bool IsHealthy, IReadOnlyList<FindingDocument> Findings) : Document("doctor");

    private sealed record FindingDocument(string Rule, DoctorSeverity Severity, string Server, string Database, string Subject, string Finding, string? RemedySql);
}
