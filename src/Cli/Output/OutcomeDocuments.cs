namespace Freehold.Cli.Output;

/// <summary>How it went for a tenant.</summary>
internal sealed record OutcomeDocument(
    string Id, TenantOutcomeKind Outcome, double Seconds, string? Error, IReadOnlyList<MigrationDocument> Applied, IReadOnlyList<MigrationDocument> Reverted)
{
    public static IReadOnlyList<OutcomeDocument> Of(TenantOperationResult result) => [.. result.Outcomes.Select(Of)];

    private static OutcomeDocument Of(TenantOutcome outcome) => new(
        outcome.Tenant.Id.Value, outcome.Kind, Math.Round(outcome.Duration.TotalSeconds, 3), outcome.Error is { } error ? Failures.Line(error) : null, MigrationDocument.Of(outcome.Applied),
        MigrationDocument.Of(outcome.Reverted));
}

/// <summary>How many tenants there are of each outcome, and how long all of it took.</summary>
internal sealed record OutcomeSummary(int Tenants, int Succeeded, int NothingToDo, int Failed, int Stopped, int NotBegun, double Seconds)
{
    public static OutcomeSummary Of(TenantOperationResult result) => new(
        result.Outcomes.Count,
        result.Of(TenantOutcomeKind.Succeeded).Count(),
        result.Of(TenantOutcomeKind.NothingToDo).Count(),
        result.Of(TenantOutcomeKind.Failed).Count(),
        result.Of(TenantOutcomeKind.Stopped).Count(),
        result.Of(TenantOutcomeKind.NotBegun).Count(),
        Math.Round(result.Duration.TotalSeconds, 3));
}
