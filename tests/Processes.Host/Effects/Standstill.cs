using Freehold.Contracts.Remote;

namespace Freehold.Processes.Host.Effects;

/// <summary>
/// Brings the host to a standstill in the middle, to be killed there: after so many orders every worker stops for ever, half of them just
/// before the commit and half just after it, where the host that delivered has not been told. When all have stopped, the near process is told.
/// </summary>
public sealed class Standstill(HostSettings settings, FrameStream near)
{
    private int _arrived;
    private int _stopped;

    /// <summary>The place in the order of all that got this far.</summary>
    public int Arrive() => Interlocked.Increment(ref _arrived);

    public Task StopAsync(int place, bool beforeTheCommit)
    {
        if (place <= (settings.StandstillAfter ?? int.MaxValue) || beforeTheCommit != (place % 2 == 0))
        {
            return Task.CompletedTask;
        }

        if (Interlocked.Increment(ref _stopped) == settings.Workers)
        {
            near.Send(new(FrameKind.Outcome));
        }

        return Task.Delay(Timeout.Infinite);
    }
}
