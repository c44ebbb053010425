using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>Applies the seeds that tenants lack.</summary>
internal sealed class SeedCommand : ApplicationCommand
{
    private readonly SelectionOptions _selection;
    private readonly RunOptions _run;

    public SeedCommand() : base("seed", "Apply the seeds that tenants lack, of the application's environment.")
    {
        _selection = new(this, isToChange: true);
        _run = new(this);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var seeder = invocation.Get<ITenantSeeder>();
        var selection = await _selection.ReadToChangeAsync(invocation).ConfigureAwait(false);
        var options = await _run.ReadAsync(invocation).ConfigureAwait(false);
        if (!await _selection.IsMeantAsync(invocation, $"Seed all tenants of {invocation.Application}?").ConfigureAwait(false))
        {
            return ExitCode.Done;
        }

        var result = await RunProgress.ShowAsync(invocation.Terminal, "Seeding", progress =>
        {
            options.Progress = progress;
            return seeder.SeedAllAsync(selection, options, invocation.Stop);
        }, invocation.Stop).ConfigureAwait(false);
        invocation.Terminal.Show(new SeedResult(OutcomeSummary.Of(result), OutcomeDocument.Of(result)), console => console.DrawOutcomes(result));
        return invocation.Ended(result);
    }

    private sealed record SeedResult(OutcomeSummary Summary, IReadOnlyList<OutcomeDocument> Outcomes) : Document("seed");
}
