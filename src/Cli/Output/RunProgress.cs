using Spectre.Console;

namespace Freehold.Cli.Output;

/// <summary>
/// What happens while an operation runs, on standard error: on a terminal a bar with the tenants in work; in a pipe a line for each failure, and one for each tenth of
/// the tenants.
/// </summary>
internal sealed class RunProgress : IProgress<TenantProgress>
{
    private const int Named = 3;

    private readonly IAnsiConsole _console;
    private readonly string _doing;
    private readonly ProgressTask? _task;
    private readonly List<string> _working = [];
    private readonly Lock _lock = new();
    private int _tenths;

    private RunProgress(IAnsiConsole console, string doing, ProgressTask? task) => (_console, _doing, _task) = (console, doing, task);

    /// <summary>Runs it, and tells how it goes.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="doing">What is being done, such as "Migrating".</param>
    /// <param name="run">The run, which is given what reports.</param>
    /// <param name="stop">What ends the run early.</param>
    public static async Task<T> ShowAsync<T>(Terminal terminal, string doing, Func<IProgress<TenantProgress>, Task<T>> run, CancellationToken stop)
    {
        var console = terminal.Messages;
        using var stopping = stop.Register(() => console.WriteLine("Stopping: what runs is finished first. Ctrl-C again ends at once."));
        if (!console.Profile.Out.IsTerminal)
        {
            return await run(new RunProgress(console, doing, null)).ConfigureAwait(false);
        }

        return await console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context => await run(new RunProgress(console, doing, context.AddTask(doing, maxValue: 1))).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public void Report(TenantProgress value)
    {
        lock (_lock)
        {
            if (value.Outcome is null)
            {
                _working.Add(value.TenantId.Value);
            }
            else
            {
                _working.Remove(value.TenantId.Value);
            }

            Fail(value);
            Advance(value);
        }
    }

    private void Fail(TenantProgress value)
    {
        if (value.Outcome is { Kind: TenantOutcomeKind.Failed } failed)
        {
            _console.Write(new Text($"{value.TenantId}: {Failures.Line(failed.Error!)}\n", new Style(Color.Red)));
        }
    }

    private void Advance(TenantProgress value)
    {
        if (_task is not null)
        {
            _task.MaxValue = value.Total;
            _task.Value = value.Ended;
            _task.Description = Markup.Escape($"{_doing} {Tables.Some(_working, Named)} ({value.Ended} of {value.Total})");
        }
        else if (value.Outcome is not null && value.Ended * 10 / value.Total is var tenths && tenths > _tenths)
        {
            _tenths = tenths;
            _console.WriteLine($"{_doing}: {value.Ended} of {value.Total}");
        }
    }
}
