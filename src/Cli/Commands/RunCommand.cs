using System.CommandLine;
using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>Runs SQL in each of the chosen tenants.</summary>
internal sealed class RunCommand : ApplicationCommand
{
    private readonly SelectionOptions _selection;
    private readonly RunOptions _run;
    private readonly Option<string?> _sql = TypedOptions.Text("--sql", "sql", "The statements.");
    private readonly Option<string?> _file = TypedOptions.Text("--file", "path", "A file with the statements.");
    private readonly Option<string?> _context = TypedOptions.Text("--context", "name", "The DbContext in whose name they run, where there are several.");
    private readonly Option<string?> _name = TypedOptions.Text(
        "--name", "text", "The name of this work, 1 to 200 characters: a run of that name which ended early is continued, and who is done is not done again.");

    public RunCommand() : base("run", "Run SQL in each tenant, inside its own context, with the application's rights.")
    {
        _selection = new(this, isToChange: true);
        _run = new(this);
        foreach (var option in (Option[])[_sql, _file, _context, _name])
        {
            Add(option);
        }

        Validators.Add(result =>
        {
            if (result.GetValue(_sql) is null == result.GetValue(_file) is null)
            {
                result.AddError("Which SQL? Say either --sql or --file.");
            }
        });
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var sql = await SqlAsync(invocation).ConfigureAwait(false);
        var selection = await _selection.ReadToChangeAsync(invocation).ConfigureAwait(false);
        var options = await _run.ReadAsync(invocation).ConfigureAwait(false);
        var statements = new TenantSql(sql, TenantSql.ContextOf(invocation.Services, invocation.Value(_context)));
        var plan = await invocation.Operations.PlanAsync(invocation.Value(_name) ?? NameOf(invocation), selection, invocation.Stop).ConfigureAwait(false);
        return await _selection.IsMeantAsync(invocation, $"Run this in all {Tables.Count(plan.Tenants.Count, "tenant")} of {invocation.Application}?").ConfigureAwait(false)
            ? await RunAsync(invocation, plan, statements, options).ConfigureAwait(false)
            : ExitCode.Done;
    }

    private async Task<int> RunAsync(Invocation invocation, TenantOperationPlan plan, TenantSql statements, TenantRunOptions options)
    {
        var result = await RunProgress.ShowAsync(invocation.Terminal, "Running", progress =>
        {
            options.Progress = progress;
            return invocation.Operations.RunAsync(plan, statements.RunAsync, options, invocation.Stop);
        }, invocation.Stop).ConfigureAwait(false);
        invocation.Terminal.Show(RunResult.Of(result, statements), console =>
        {
            statements.Draw(console);
            console.DrawOutcomes(result);
        });
        return invocation.Ended(result, invocation.Value(_name) is null ? "Name the work (--name) to have a run that can be continued." : null);
    }

    private async Task<string> SqlAsync(Invocation invocation)
    {
        try
        {
            return invocation.Value(_sql) ?? await File.ReadAllTextAsync(invocation.PathOf(invocation.Value(_file)!), invocation.Stop).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw ToolException.Usage($"--file {invocation.Value(_file)}: {failure.Message}");
        }
    }

    // Nobody else's: what was not named is not continued.
    private static string NameOf(Invocation invocation) => $"freehold run {invocation.Get<TimeProvider>().GetUtcNow():O}";

    private sealed record RunResult(OutcomeSummary Summary, IReadOnlyList<OutcomeDocument> Outcomes, IReadOnlyList<TenantRows> Results) : Document("run")
    {
        public static RunResult Of(TenantOperationResult result, TenantSql statements) => new(
            OutcomeSummary.Of(result), OutcomeDocument.Of(result), statements.Results);
    }
}
