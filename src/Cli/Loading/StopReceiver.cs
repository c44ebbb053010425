using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Freehold.Cli.Loading;

/// <summary>
/// Inside the application: the first word from the prompt asks to stop, the second one ends the process at once. Where the process at the prompt is gone, that is a
/// word, too.
/// </summary>
internal sealed class StopReceiver : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly AnonymousPipeClientStream _pipe;
    private readonly PosixSignalRegistration[] _ignored;

    public StopReceiver(string handle)
    {
        _pipe = new(PipeDirection.In, handle);
        _ignored = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true))];
        _ = Task.Factory.StartNew(Listen, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _ignored)
        {
            registration.Dispose();
        }
    }

    private void Listen()
    {
        var isGone = _pipe.ReadByte() < 0;

        // Not here: what waits for it would go on in this loop, and the second word would wait.
        _ = _stop.CancelAsync();
        if (!isGone && _pipe.ReadByte() >= 0)
        {
            if (!Console.IsOutputRedirected)
            {
                Console.CursorVisible = true;
            }

            Environment.Exit(ExitCode.Interrupted);
        }
    }
}
