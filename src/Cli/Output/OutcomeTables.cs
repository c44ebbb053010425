using System.Globalization;
using Spectre.Console;
using static Freehold.Cli.Output.Tables;

namespace Freehold.Cli.Output;

/// <summary>How an operation went, for people.</summary>
internal static class OutcomeTables
{
    /// <summary>A row for each tenant to whom something was done or for whom it was not, what failed first; then a line of numbers.</summary>
    public static void DrawOutcomes(this IAnsiConsole console, TenantOperationResult result)
    {
        var told = result.Outcomes.Where(outcome => outcome.Kind is not (TenantOutcomeKind.NothingToDo or TenantOutcomeKind.NotBegun))
            .OrderByDescending(outcome => outcome.Kind == TenantOutcomeKind.Failed).ThenByDescending(outcome => outcome.Kind == TenantOutcomeKind.Stopped).ToArray();
        if (told.Length > 0)
        {
            console.DrawTable(
                told,
                ("Tenant", outcome => Cell(outcome.Tenant.Id.Value)),
                ("Outcome", outcome => Cell(Name(outcome.Kind), ColorOf(outcome.Kind))),
                ("Applied", outcome => Cell(outcome.Applied.Count == 0 ? "" : $"{outcome.Applied.Count}")),
                ("Reverted", outcome => Cell(outcome.Reverted.Count == 0 ? "" : $"{outcome.Reverted.Count}")),
                ("Time", outcome => Cell(Seconds(outcome.Duration))),
                ("Error", outcome => Cell(outcome.Error is { } error ? Failures.Line(error) : "", Color.Red)));
        }

        console.WriteLine(Line(result));
    }

    /// <summary>"12 done, 28 with nothing to do, 1 failed (3.2 s)".</summary>
    private static string Line(TenantOperationResult result)
    {
        var counts = Enum.GetValues<TenantOutcomeKind>().Select(kind => (Number: result.Of(kind).Count(), Name: Name(kind))).Where(count => count.Number > 0);
        return result.Outcomes.Count == 0
            ? "There are no such tenants."
            : $"{string.Join(", ", counts.Select(count => $"{count.Number} {count.Name}"))} ({Seconds(result.Duration)})";
    }

    private static string Name(TenantOutcomeKind kind) => kind switch
    {
        TenantOutcomeKind.Succeeded => "done",
        TenantOutcomeKind.NothingToDo => "with nothing to do",
        TenantOutcomeKind.Failed => "failed",
        TenantOutcomeKind.Stopped => "stopped between two steps",
        _ => "not begun",
    };

    private static Color ColorOf(TenantOutcomeKind kind) => kind switch
    {
        TenantOutcomeKind.Succeeded => Color.Green,
        TenantOutcomeKind.Failed => Color.Red,
        _ => Color.Yellow,
    };

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
