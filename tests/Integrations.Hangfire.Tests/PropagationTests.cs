using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests;

public sealed class InMemoryPropagationTests : TenantPropagationContract
{
    protected override Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        HangfireBoundary.StartAsync(JobStorages.InMemory(), Overlap, configureContract);
}

public sealed class PostgresPropagationTests : TenantPropagationContract
{
    protected override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        await HangfireBoundary.StartAsync(await JobStorages.PostgresAsync("propagation"), Overlap, configureContract);
}

internal sealed class HangfireBoundary(JobsHost host) : TenantBoundary
{
    public override IServiceProvider Services => host.Services;

    public static async Task<TenantBoundary> StartAsync(JobStorage storage, int workers, Action<IServiceCollection> configureContract) =>
        new HangfireBoundary(await JobsHost.StartAsync(
            storage,
            services =>
            {
                configureContract(services);
                services.AddSingleton(storage);
                services.AddHangfire((provider, hangfire) => hangfire.UseMultiTenancy(provider));
            },
            options => options.WorkerCount = workers));

    public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
    {
        string job;
        try
        {
            job = host.CreateIn(tenantId, client => mayLackTenant
                ? client.Enqueue<FreeJob>(free => free.RunAsync(visit))
                : client.Enqueue<VisitJob>(bound => bound.RunAsync(visit)));
        }
        catch (BackgroundJobClientException refusal) when (refusal.InnerException is TenantException reason)
        {
            return new(reason.Code, Attempts: 0);
        }

        var states = await host.ReadToEndAsync(job);
        return new(states[^1].Code, states.Count(state => state.Name == "Processing"));
    }

    public override ValueTask DisposeAsync() => host.DisposeAsync();
}
