using System.Runtime.CompilerServices;
using Freehold.Core;
using MassTransit;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Startup;

/// <summary>Marks a bus that uses multi-tenancy, and looks whether its sisters do.</summary>
internal sealed class BusMark(IServiceProvider services) : BusObserver
{
    private static readonly ConditionalWeakTable<IBus, object> Marked = [];

    private static void Require(IBus bus)
    {
        if (!Marked.TryGetValue(bus, out _))
        {
            throw new MultiTenancyConfigurationException(
                $"The bus {bus.Address} does not use multi-tenancy: its messages would carry no tenant, and its consumers would run without one. "
                + "Call bus.UseMultiTenancy(context) where it is configured (UsingRabbitMq, UsingInMemory).");
        }
    }

    public override void PostCreate(IBus bus)
    {
        Marked.AddOrUpdate(bus, this);
        services.GetRequiredService<ServedHosts>().Add(ServedHosts.MassTransit);
    }

    public override Task PreStart(IBus bus)
    {
        foreach (var instance in services.GetServices<IBusInstance>())
        {
            Require(instance.BusControl);
        }

        return Task.CompletedTask;
    }
}
