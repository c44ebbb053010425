using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>How a run over tenants ends.</summary>
internal static class Ending
{
    /// <summary>The exit code; where it was interrupted, says what is left and how to go on.</summary>
    public static int Ended(this Invocation invocation, TenantOperationResult result, string? howToGoOn = null)
    {
        var left = result.Outcomes.Count(outcome => outcome.Kind is TenantOutcomeKind.NotBegun or TenantOutcomeKind.Stopped);
        if (invocation.Stop.IsCancellationRequested && left > 0)
        {
            invocation.Terminal.Say(
                $"Interrupted: {Tables.Count(left, "tenant")} of {result.Outcomes.Count} left. {howToGoOn ?? "The same command goes on there; what was done is not done again."}");
            return ExitCode.Interrupted;
        }

        return result.IsComplete ? ExitCode.Done : ExitCode.Found;
    }
}
