using System.Net;
using System.Net.Sockets;

namespace Freehold.Testing.Servers;

internal static class FreePort
{
    /// <summary>Different loopback ports that were free a moment ago.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, l => l.Start());
        var ports = Array.ConvertAll(listeners, l => ((IPEndPoint)l.LocalEndpoint).Port);
        Array.ForEach(listeners, l => l.Dispose());
        return ports;
    }
}
