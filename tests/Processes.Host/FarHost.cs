using System.Net;
using System.Net.Sockets;
using Freehold.Contracts.Remote;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Freehold.Processes.Host;

/// <summary>A host that runs for as long as the near process holds its connection.</summary>
internal static class FarHost
{
    public static async Task RunAsync(HostSettings settings)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, settings.Port);
        await using var near = new FrameStream(connection);
        try
        {
            await RunAsync(settings, near);
        }
        catch (Exception e)
        {
            near.Send(new(FrameKind.Started, Text: e.ToString()));
        }
    }

    private static async Task RunAsync(HostSettings settings, FrameStream near)
    {
        var way = Way.Named(settings.Way);
        IHost? host = null;
        var visits = new RemoteVisits(near) { Cross = (tenant, visit) => way.CrossAsync(host!.Services, tenant, visit) };
        using (host = Build(services =>
        {
            way.AddTenancy(services, settings, visits);
            way.AddFar(services, settings, near);
        }))
        {
            await host.StartAsync();
            near.Send(new(FrameKind.Started));
            await visits.RunAsync();
            await host.StopAsync();
        }
    }

    /// <summary>A host of either side.</summary>
    internal static IHost Build(Action<IServiceCollection> configure)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());

        // An instance, which no container disposes: Hangfire's log provider is process-wide and would keep a disposed one for the next host.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddLogging();
        configure(builder.Services);
        return builder.Build();
    }
}
