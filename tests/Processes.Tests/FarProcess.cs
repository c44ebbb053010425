using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Freehold.Contracts;
using Freehold.Contracts.Remote;
using Freehold.Processes.Host;

namespace Freehold.Processes.Tests;

/// <summary>
/// A process of <c>Processes.Host</c>. It ends when its standard input does, which this process holds: with this process, however this ends.
/// </summary>
internal sealed class FarProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SemaphoreSlim _starting = new(1);

    private FarProcess(Process process)
    {
        _process = process;
        _listener.Start();
    }

    public static FarProcess Start()
    {
        var host = Path.Combine(AppContext.BaseDirectory, $"{typeof(HostSettings).Assembly.GetName().Name}.dll");
        return new(Process.Start(new ProcessStartInfo("dotnet", [host]) { RedirectStandardInput = true })!);
    }

    /// <summary>Starts a host there. Disposing the session ends it.</summary>
    public async Task<FarSession> StartHostAsync(HostSettings settings, VisitLog visits)
    {
        var session = new FarSession(new(await ConnectAsync(settings)), visits);
        await session.Started;
        return session;
    }

    /// <summary>Kills it in the middle of whatever it does, as the system would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        _listener.Stop();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    // One at a time, so that the connection that comes is that of the host just asked for.
    private async Task<TcpClient> ConnectAsync(HostSettings settings)
    {
        await _starting.WaitAsync();
        try
        {
            var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(settings with { Port = port }));
            await _process.StandardInput.FlushAsync();
            return await _listener.AcceptTcpClientAsync().WaitAsync(Visit.Patience);
        }
        finally
        {
            _starting.Release();
        }
    }
}
