using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;

namespace Freehold.Contracts.Remote;

/// <summary>Frames over a connection. Sending does not wait, so it can be done from any code; the order is kept.</summary>
public sealed class FrameStream : IAsyncDisposable
{
    private readonly TcpClient _connection;
    private readonly Channel<Frame> _outgoing = Channel.CreateUnbounded<Frame>(new() { SingleReader = true });
    private readonly Task _sending;

    public FrameStream(TcpClient connection)
    {
        _connection = connection;
        _connection.NoDelay = true;
        _sending = SendAllAsync();
    }

    public void Send(Frame frame) => _outgoing.Writer.TryWrite(frame);

    /// <summary>All that comes, until the other side is gone.</summary>
    public async IAsyncEnumerable<Frame> ReadAllAsync()
    {
        using var reader = new StreamReader(_connection.GetStream(), leaveOpen: true);
        while (await NextLineAsync(reader) is { } line)
        {
            yield return JsonSerializer.Deserialize<Frame>(line)!;
        }
    }

    /// <summary>Sends what is still to be sent, and then says that no more will come. The other side may still send.</summary>
    public Task EndAsync()
    {
        _outgoing.Writer.TryComplete();
        return _sending;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _connection.Dispose();
    }

    private static async Task<string?> NextLineAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            await using var writer = new StreamWriter(_connection.GetStream(), leaveOpen: true) { AutoFlush = true };
            await foreach (var frame in _outgoing.Reader.ReadAllAsync())
            {
                await writer.WriteLineAsync(JsonSerializer.Serialize(frame));
            }

            _connection.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The other side is gone: whoever reads learns of it.
        }
    }
}
