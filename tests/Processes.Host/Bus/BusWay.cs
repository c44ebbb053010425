using Freehold.Contracts;
using Freehold.Contracts.Remote;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Processes.Host.Bus;

/// <summary>A way over RabbitMQ.</summary>
internal sealed class BusWay(Func<IBus, Guid, bool, Task> send) : Way
{
    private const int Retries = 2;

    public override void AddNear(IServiceCollection services, HostSettings settings) => RabbitBus.Add(services, settings);

    public override void AddFar(IServiceCollection services, HostSettings settings, FrameStream near) => RabbitBus.Add(
        services,
        settings,
        buses =>
        {
            buses.AddConsumer<VisitConsumer>();
            buses.AddConsumer<OpenVisitConsumer>();
        },
        (_, bus) =>
        {
            var outcomes = new OutcomeObserver(near);
            bus.ConnectReceiveObserver(outcomes);
            bus.UseMessageRetry(retry =>
            {
                retry.Immediate(Retries);
                retry.ConnectRetryObserver(outcomes);
            });
        });

    public static Task PublishAsync(IBus bus, Guid visit, bool mayLackTenant) => mayLackTenant
        ? bus.Publish(new OpenVisitOrdered(visit), context => context.MessageId = visit)
        : bus.Publish(new VisitOrdered(visit), context => context.MessageId = visit);

    public static async Task SendAsync(IBus bus, Guid visit, bool mayLackTenant)
    {
        var endpoint = await bus.GetSendEndpoint(new Uri(mayLackTenant ? "queue:OpenVisit" : "queue:Visit"));
        await (mayLackTenant
            ? endpoint.Send(new OpenVisitOrdered(visit), context => context.MessageId = visit)
            : endpoint.Send(new VisitOrdered(visit), context => context.MessageId = visit));
    }

    public static async Task RequestAsync(IBus bus, Guid visit, bool mayLackTenant)
    {
        try
        {
            Task answered = mayLackTenant
                ? RequestAsync<OpenVisitOrdered, OpenVisitPaid>(bus, new(visit), visit)
                : RequestAsync<VisitOrdered, VisitPaid>(bus, new(visit), visit);
            await answered;
        }
        catch (RequestFaultException)
        {
            // What the consumer or its admission threw is reported as the outcome.
        }
    }

    protected override async Task<string?> SendAsync(IServiceProvider services, Guid visit, bool mayLackTenant)
    {
        try
        {
            await send(services.GetRequiredService<IBus>(), visit, mayLackTenant);
            return null;
        }
        catch (Exception e) when ((e as TenantException ?? e.InnerException as TenantException) is { } refusal)
        {
            return refusal.Code;
        }
    }

    private static Task<Response<TResponse>> RequestAsync<TRequest, TResponse>(IBus bus, TRequest request, Guid visit)
        where TRequest : class
        where TResponse : class => bus.CreateRequestClient<TRequest>(RequestTimeout.After(ms: (int)Visit.Patience.TotalMilliseconds))
            .GetResponse<TResponse>(request, pipe => pipe.UseExecute(context => context.MessageId = visit));
}
