using Freehold.Shared;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Tests.Hosting;

/// <summary>A transport to test over.</summary>
public abstract class Wire
{
    public static readonly Wire InMemory = new Memory();
    public static readonly Wire RabbitMq = new Rabbit();

    /// <summary>A broker that others use too.</summary>
    public static Wire Shared(RabbitVirtualHost host) => new Rabbit(host);

    /// <summary>Puts a bus on it. Each call is a broker of its own: a fabric, or a virtual host.</summary>
    public abstract Task<Action<IBusRegistrationConfigurator, Action<IBusRegistrationContext, IBusFactoryConfigurator>>> OpenAsync();

    private sealed class Memory : Wire
    {
        public override Task<Action<IBusRegistrationConfigurator, Action<IBusRegistrationContext, IBusFactoryConfigurator>>> OpenAsync() =>
            Task.FromResult<Action<IBusRegistrationConfigurator, Action<IBusRegistrationContext, IBusFactoryConfigurator>>>(
                (buses, configure) => buses.UsingInMemory((context, bus) => configure(context, bus)));
    }

    private sealed class Rabbit(RabbitVirtualHost? shared = null) : Wire
    {
        public override async Task<Action<IBusRegistrationConfigurator, Action<IBusRegistrationContext, IBusFactoryConfigurator>>> OpenAsync()
        {
            var host = shared ?? await (await RabbitServer.GetAsync()).CreateVirtualHostAsync();
            return (buses, configure) => buses.UsingRabbitMq((context, bus) =>
            {
                bus.Host(host.Host, host.Port, host.Name, broker =>
                {
                    broker.Username(host.User);
                    broker.Password(host.Password);
                });
                configure(context, bus);
            });
        }
    }
}
