using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core;

/// <summary>Which hosts an adapter serves: said where one hooks in, asked at start-up.</summary>
internal sealed class ServedHosts
{
    public const string MassTransit = nameof(MassTransit);

    private readonly ConcurrentDictionary<string, byte> _served = new();

    public void Add(string host) => _served[host] = 0;

    public bool Has(string host) => _served.ContainsKey(host);
}

/// <summary>
/// Is MassTransit there without its adapter? The adapter hooks in while a bus is built; where it was forgotten, none of its code ever runs,
/// and only Core can notice.
/// </summary>
internal sealed class ForgottenBusCheck(IServiceCollection registered, IServiceProvider services, ServedHosts served) : IStartupCheck
{
    // By name: Core knows no host.
    private const string Bus = "MassTransit.Transports.IBusInstance";

    public void Run()
    {
        if (registered.FirstOrDefault(service => service.ServiceType.FullName == Bus) is not { } bus)
        {
            return;
        }

        // Builds them, if nobody has yet.
        _ = services.GetServices(bus.ServiceType).Count();
        if (!served.Has(ServedHosts.MassTransit))
        {
            throw new MultiTenancyConfigurationException(
                "MassTransit is registered, but no bus uses multi-tenancy: messages would carry no tenant, and consumers would run without one. "
                + "Call bus.UseMultiTenancy(context) of Freehold.Integrations.MassTransit where the bus is configured (UsingRabbitMq, "
                + "UsingInMemory); for one whose messages are nobody's, with options => options.AllowNoTenant<object>().");
        }
    }
}
