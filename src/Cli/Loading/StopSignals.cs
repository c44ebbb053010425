using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Freehold.Cli.Loading;

/// <summary>
/// At the prompt: Ctrl-C and the other ways to ask a process to end are told to the process inside the application, by a pipe. So one that is sent to this process
/// alone arrives there, and one that the terminal sends to both counts once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals(AnonymousPipeServerStream pipe) => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            _stop.Cancel();
            try
            {
                pipe.WriteByte(1);
            }
            catch (IOException)
            {
                // It has ended already.
            }
        })),
    ];

    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }
}
