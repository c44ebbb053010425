using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Freehold.Contracts.Remote;

/// <summary>
/// The visits of a far process. What a far side does here is reported to the near process, and the steps of a visit's script come from
/// there, one by one; they run here, in the flow of the visit.
/// </summary>
public sealed class RemoteVisits(FrameStream near) : VisitLog
{
    private readonly ConcurrentDictionary<Guid, RemoteVisit> _visits = new();

    /// <summary>Crosses from here: the tenant (null: none) and the visit. Returns the code of a refusal on this, the near side of that crossing.</summary>
    public required Func<string?, Guid, Task<string?>> Cross { get; init; }

    public override Visit Find(Guid id) => Of(id);

    /// <summary>Takes what the near process sends, until it is gone.</summary>
    public async Task RunAsync()
    {
        await foreach (var frame in near.ReadAllAsync())
        {
            Of(frame.Visit).Take(frame);
        }
    }

    internal override void CountConstruction() => near.Send(new(FrameKind.Built));

    private RemoteVisit Of(Guid id) => _visits.GetOrAdd(id, _ => new(id, near, this));

    private sealed class RemoteVisit : Visit
    {
        private readonly Channel<Frame> _steps = Channel.CreateUnbounded<Frame>();
        private readonly FrameStream _near;
        private readonly RemoteVisits _visits;

        public RemoteVisit(Guid id, FrameStream near, RemoteVisits visits)
            : base(_ => Task.CompletedTask)
        {
            Id = id;
            _near = near;
            _visits = visits;
        }

        public void Take(Frame step) => _steps.Writer.TryWrite(step);

        internal override void BeginRun() => Report(FrameKind.Begun);

        internal override void Note(Sighting sighting) => _near.Send(new(FrameKind.Seen, Id, sighting.Where, sighting.Tenant));

        internal override void EndRun() => Report(FrameKind.Ended);

        internal override Task RunScriptAsync(IFarSide here)
        {
            Report(FrameKind.ScriptDue);
            return RunStepsAsync(here);
        }

        private void Report(FrameKind kind) => _near.Send(new(kind, Id));

        /// <summary>To the end of the script, or to the end of the scope that was entered last.</summary>
        private async Task RunStepsAsync(IFarSide here)
        {
            while (await _steps.Reader.ReadAsync() is { Kind: not FrameKind.Leave } step)
            {
                if (step.Kind == FrameKind.ScriptEnded)
                {
                    ThrowIfFailed(step);
                    return;
                }

                if (step.Kind == FrameKind.Enter)
                {
                    Report(FrameKind.Done);
                    await here.WithinAsync(step.Tenant, () => RunStepsAsync(here));
                    Report(FrameKind.Done);
                    continue;
                }

                _near.Send(new(FrameKind.Done, Id, await RunStepAsync(step, here)));
            }
        }

        /// <summary>Returns what there is to answer.</summary>
        private async Task<string?> RunStepAsync(Frame step, IFarSide here)
        {
            switch (step.Kind)
            {
                case FrameKind.Look:
                    await here.LookAsync(step.Text!);
                    return null;
                case FrameKind.LookIntoTheDatabase:
                    await here.LookIntoTheDatabaseAsync();
                    return null;
                case FrameKind.Cross:
                    return await _visits.Cross(step.Tenant, step.Other);
                default:
                    throw new InvalidOperationException($"{step.Kind} is no step of a script.");
            }
        }

        private static void ThrowIfFailed(Frame end)
        {
            if (end.Text is { } failure)
            {
                throw failure == nameof(FarSideException) ? new FarSideException() : new InvalidOperationException(failure);
            }
        }
    }
}
