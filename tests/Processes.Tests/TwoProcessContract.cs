using Freehold.Contracts;
using Freehold.Contracts.Remote;
using Freehold.Processes.Host;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Processes.Tests;

/// <summary>The contract with its far side in a process of its own: what crosses is what the carrier between the two carries.</summary>
public abstract class TwoProcessContract(string way, bool sign = false) : TenantPropagationContract
{
    // One for all: it hosts one test's host after the other, in parallel those of other classes.
    private static readonly Lazy<FarProcess> Far = new(FarProcess.Start);

    private static readonly string Key = Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(number => (byte)number)]);

    /// <summary>A broker's virtual host or a job storage that is this class's own.</summary>
    protected abstract Task<string> OpenCarrierAsync();

    protected sealed override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract)
    {
        var settings = new HostSettings { Way = way, Carrier = await OpenCarrierAsync(), Database = Database, SigningKey = sign ? Key : null, Workers = Overlap };
        var near = await NearHost.StartAsync(settings, configureContract);
        var far = await Far.Value.StartHostAsync(settings, near.Services.GetRequiredService<VisitLog>());
        return new Boundary(Way.Named(way), near, far);
    }

    protected sealed override void ConfigureTenancy(MultiTenancyBuilder tenancy) =>
        new HostSettings { Way = way, Carrier = "", SigningKey = sign ? Key : null }.ConfigureTenancy(tenancy);

    private sealed class Boundary(Way way, IHost near, FarSession far) : TenantBoundary
    {
        public override IServiceProvider Services => near.Services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant) =>
            await EndAsync(await way.CrossAsync(Services, tenantId, visit, mayLackTenant), visit);

        public override async Task<Crossing> CrossFromAsync(IFarSide here, string? tenantId, Guid visit, bool mayLackTenant) =>
            await EndAsync(await ((RemoteFarSide)here).CrossAsync(tenantId, visit), visit);

        public override async ValueTask DisposeAsync()
        {
            await far.DisposeAsync();
            await near.StopAsync();
            near.Dispose();
        }

        private async Task<Crossing> EndAsync(string? refusedHere, Guid visit) =>
            refusedHere is null ? await far.OutcomeAsync(visit) : new(refusedHere, Attempts: 0);
    }
}
