namespace Freehold.Contracts.Remote;

/// <summary>A far side in another process, for the script of a visit that is there: each step is sent, done there and answered.</summary>
public sealed class RemoteFarSide(FrameStream far, Guid visit) : IFarSide
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<string?>? _answer;
    private bool _ended;

    public Task LookAsync(string where) => DoAsync(new(FrameKind.Look, visit, where));

    public Task LookIntoTheDatabaseAsync() => DoAsync(new(FrameKind.LookIntoTheDatabase, visit));

    public async Task WithinAsync(string? tenant, Func<Task> work)
    {
        await DoAsync(new(FrameKind.Enter, visit, Tenant: tenant));
        try
        {
            await work();
        }
        finally
        {
            await DoAsync(new(FrameKind.Leave, visit));
        }
    }

    /// <summary>Crosses from there. Returns the code of a refusal on that, the near side of the crossing.</summary>
    public Task<string?> CrossAsync(string? tenant, Guid other) => DoAsync(new(FrameKind.Cross, visit, Tenant: tenant, Other: other));

    internal async Task RunAsync(Visit planned)
    {
        string? failure = null;
        try
        {
            await planned.RunScriptAsync(this);
        }
        catch (FarSideException)
        {
            failure = nameof(FarSideException);
        }
        catch (Exception e)
        {
            failure = e.ToString();
        }

        far.Send(new(FrameKind.ScriptEnded, visit, failure));
    }

    internal void Answer(string? text)
    {
        lock (_lock)
        {
            _answer!.TrySetResult(text);
        }
    }

    /// <summary>The visit is over there, maybe in the middle of a step.</summary>
    internal void End()
    {
        lock (_lock)
        {
            _ended = true;
            _answer?.TrySetException(new IOException("The visit ended over there before its script did."));
        }
    }

    private Task<string?> DoAsync(Frame step)
    {
        lock (_lock)
        {
            _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_ended)
            {
                _answer.SetException(new IOException("The visit has ended over there."));
                return _answer.Task;
            }
        }

        far.Send(step);
        return _answer.Task.WaitAsync(Visit.Patience);
    }
}
