using System.Collections.Concurrent;

namespace Freehold.Contracts.Remote;

/// <summary>The near process's end: a host in a far process, whose visits are those of a log here and whose scripts run here, step by step.</summary>
public sealed class FarSession : IAsyncDisposable
{
    private readonly FrameStream _far;
    private readonly VisitLog _log;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<Crossing>> _outcomes = new();
    private readonly ConcurrentDictionary<Guid, RemoteFarSide> _scripts = new();
    private readonly Task _reading;

    public FarSession(FrameStream far, VisitLog log)
    {
        _far = far;
        _log = log;
        _reading = ReadAllAsync();
    }

    /// <summary>The far host has started.</summary>
    public Task Started => _started.Task.WaitAsync(Visit.Patience);

    /// <summary>Completes when the far process has closed the connection or is gone.</summary>
    public Task Gone => _reading;

    /// <summary>What became of a visit on the far side.</summary>
    public Task<Crossing> OutcomeAsync(Guid visit, TimeSpan? patience = null) => Outcome(visit).Task.WaitAsync(patience ?? Visit.Patience);

    /// <summary>Ends the far host, and waits until it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _far.EndAsync();
        await _reading.WaitAsync(Visit.Patience);
        await _far.DisposeAsync();
    }

    private async Task ReadAllAsync()
    {
        await foreach (var frame in _far.ReadAllAsync())
        {
            Take(frame);
        }

        Fail(new IOException("The far process is gone."));
    }

    private void Take(Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Started when frame.Text is { } error:
                Fail(new InvalidOperationException($"The far host did not start: {error}"));
                break;
            case FrameKind.Started:
                _started.TrySetResult();
                break;
            case FrameKind.Built:
                _log.CountConstruction();
                break;
            case FrameKind.Begun:
                _log.Find(frame.Visit).BeginRun();
                break;
            case FrameKind.Seen:
                _log.Find(frame.Visit).Note(new(frame.Text!, frame.Tenant));
                break;
            case FrameKind.ScriptDue:
                var script = _scripts[frame.Visit] = new(_far, frame.Visit);
                _ = Task.Run(() => script.RunAsync(_log.Find(frame.Visit)));
                break;
            case FrameKind.Done:
                _scripts[frame.Visit].Answer(frame.Text);
                break;
            case FrameKind.Ended:
                _scripts.GetValueOrDefault(frame.Visit)?.End();
                _log.Find(frame.Visit).EndRun();
                break;
            case FrameKind.Outcome:
                Outcome(frame.Visit).TrySetResult(new(frame.Text, frame.Count));
                break;
            default:
                throw new InvalidOperationException($"A far process does not send {frame.Kind}.");
        }
    }

    private TaskCompletionSource<Crossing> Outcome(Guid visit) =>
        _outcomes.GetOrAdd(visit, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Fail(Exception reason)
    {
        _started.TrySetException(reason);
        foreach (var outcome in _outcomes.Values)
        {
            outcome.TrySetException(reason);
        }

        foreach (var script in _scripts.Values)
        {
            script.End();
        }
    }
}
