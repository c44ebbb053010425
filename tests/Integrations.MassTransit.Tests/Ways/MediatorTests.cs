using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using MassTransit.Mediator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Integrations.MassTransit.Tests.Ways;

[Boundary("MassTransit", "mediator")]
public sealed class MediatorPropagationTests : TenantPropagationContract
{
    protected override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        new Boundary(await BusHost.StartHostAsync(services =>
        {
            configureContract(services);
            services.AddMediator(mediator =>
            {
                mediator.AddConsumer<VisitConsumer>();
                mediator.AddConsumer<OpenVisitConsumer>();
                mediator.ConfigureMediator((context, pipes) =>
                {
                    pipes.UseMultiTenancy(context);
                    pipes.UseMessageRetry(retry =>
                    {
                        retry.Immediate(2);
                        retry.ConnectRetryObserver(context.GetRequiredService<DeliveryLog>());
                    });
                });
            });
        }));

    private sealed class Boundary(IHost host) : TenantBoundary
    {
        public override IServiceProvider Services => host.Services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            var mediator = host.Services.GetRequiredService<IMediator>();
            try
            {
                using var scope = Shop.Enter(tenantId);
                await (mayLackTenant
                    ? mediator.Send<OpenVisitOrdered>(new(visit), context => context.MessageId = visit)
                    : mediator.Send<VisitOrdered>(new(visit), context => context.MessageId = visit));
            }
            catch (TenantException e)
            {
                return new(e.Code, Attempts(visit));
            }

            return new(null, Attempts(visit));
        }

        public override async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }

        private int Attempts(Guid visit) => host.Services.GetRequiredService<DeliveryLog>().Of(visit).Attempts;
    }
}
