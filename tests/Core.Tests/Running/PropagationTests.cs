using Freehold.Contracts;
using Freehold.Core.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Tests.Running;

[Boundary("Core", "ForTenantAsync")]
public sealed class ForTenantPropagationTests : TenantPropagationContract
{
    protected override Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        Task.FromResult<TenantBoundary>(new Boundary(Application.Build(configureContract)));

    private sealed class Boundary(ServiceProvider services) : TenantBoundary
    {
        public override IServiceProvider Services => services;

        public override Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant) => Application.VisitAsync(services, tenantId, visit, mayLackTenant);

        public override ValueTask DisposeAsync() => services.DisposeAsync();
    }
}

/// <summary>The list is of the one tenant that crosses, and says of each that it is active: what refuses is the admission when its turn comes.</summary>
[Boundary("Core", "ForEachTenantAsync")]
public sealed class ForEachTenantPropagationTests : TenantPropagationContract
{
    protected override Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        Task.FromResult<TenantBoundary>(new Boundary(Application.Build(configureContract)));

    private sealed class Boundary(ServiceProvider services) : TenantBoundary
    {
        public override IServiceProvider Services => services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            if (tenantId is null)
            {
                return mayLackTenant ? await Application.VisitAsync(services, null, visit, mayLackTenant: true) : await CrossWithNobodyListedAsync(visit);
            }

            using var log = new Logbook();
            var run = await new ListedServices(services, log, new Tenant(tenantId)).ForEachTenantAsync((scope, _) => scope.GetRequiredService<FarSide>().VisitAsync(visit));
            (run.Succeeded + run.Skipped + run.Failures.Count).ShouldBe(1);
            return run.Skipped == 0 ? new() : new(log.Lines.Single().Text.Split(": ")[^1].TrimEnd('.'), 0);
        }

        // A list names no missing tenant. Nobody on it is as near as it comes: nobody is served.
        private async Task<Crossing> CrossWithNobodyListedAsync(Guid visit)
        {
            using var log = new Logbook();
            var run = await new ListedServices(services, log).ForEachTenantAsync((scope, _) => scope.GetRequiredService<FarSide>().VisitAsync(visit));
            (run.Succeeded + run.Skipped + run.Failures.Count).ShouldBe(0);
            return new(TenantErrorCodes.Missing, 0);
        }

        public override ValueTask DisposeAsync() => services.DisposeAsync();
    }

    /// <summary>The application's services, with a list of its own; what is logged of the run can be read.</summary>
    private sealed class ListedServices(IServiceProvider services, Logbook log, params Tenant[] listed) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(ITenantStore) ? new ControllableStore(listed)
            : serviceType == typeof(ILogger<TenantRun>) ? new LoggerFactory([log]).CreateLogger<TenantRun>()
            : services.GetService(serviceType);
    }
}
