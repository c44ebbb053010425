using Freehold.Contracts;
using Freehold.Contracts.Remote;
using Freehold.Processes.Host.Bus;
using Freehold.Processes.Host.Jobs;
using Hangfire;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Processes.Host.Effects;

/// <summary>The long proof's ways: not of visits, but of orders that each have one effect in the database of fifty tenants.</summary>
public abstract class EffectWay : Way
{
    public static IReadOnlyList<string> Tenants { get; } = [.. Enumerable.Range(1, 50).Select(number => $"s{number:00}")];

    public abstract Task OrderAsync(IServiceProvider services, EffectOrdered order);

    public sealed override void AddTenancy(IServiceCollection services, HostSettings settings, VisitLog visits) => services.AddMultiTenancy(tenancy =>
    {
        tenancy.UseTenants([.. Tenants.Select(id => new Tenant(id))]).UseNpgsql(settings.Database!).IsolateBy(Isolation.Schema).AddDbContext<EffectDb>();
        settings.ConfigureTenancy(tenancy);
    });

    public sealed override void AddFar(IServiceCollection services, HostSettings settings, FrameStream near)
    {
        services.AddSingleton(new Standstill(settings, near));
        services.AddScoped<EffectWriter>();
        AddFar(services, settings);
    }

    protected abstract void AddFar(IServiceCollection services, HostSettings settings);

    protected sealed override Task<string?> SendAsync(IServiceProvider services, Guid visit, bool mayLackTenant) =>
        throw new NotSupportedException("The long proof has no visits.");
}

internal sealed class EffectMessagesWay : EffectWay
{
    private const int Retries = 5;

    public override void AddNear(IServiceCollection services, HostSettings settings) => RabbitBus.Add(services, settings);

    public override Task OrderAsync(IServiceProvider services, EffectOrdered order) => services.GetRequiredService<IBus>().Publish(order);

    protected override void AddFar(IServiceCollection services, HostSettings settings) => RabbitBus.Add(
        services,
        settings,
        buses => buses.AddConsumer<EffectConsumer>(),
        (_, bus) =>
        {
            bus.UseMessageRetry(retry => retry.Immediate(Retries));
            if (settings.EveryTenthIsStale)
            {
                bus.UseFilter(new StaleDelivery());
            }
        });
}

internal sealed class EffectJobsWay : EffectWay
{
    public override void AddNear(IServiceCollection services, HostSettings settings) => JobHost.AddClient(services, settings);

    public override Task OrderAsync(IServiceProvider services, EffectOrdered order)
    {
        services.GetRequiredService<IBackgroundJobClientV2>().Enqueue<EffectJob>(job => job.RunAsync(order.Key, order.Owner, order.Fails, null));
        return Task.CompletedTask;
    }

    protected override void AddFar(IServiceCollection services, HostSettings settings)
    {
        JobHost.AddServer(services, settings);
        if (settings.EveryTenthIsStale)
        {
            GlobalJobFilters.Filters.Add(new StaleJob(), order: 5000);
        }
    }
}
