using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Processes.Host;

/// <summary>The host of the near process, which only sends.</summary>
public static class NearHost
{
    public static async Task<IHost> StartAsync(HostSettings settings, Action<IServiceCollection> configureTenancy)
    {
        var host = FarHost.Build(services =>
        {
            configureTenancy(services);
            Way.Named(settings.Way).AddNear(services, settings);
        });
        await host.StartAsync();
        return host;
    }
}
