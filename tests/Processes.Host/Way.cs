using Freehold.Contracts;
using Freehold.Contracts.Remote;
using Freehold.Processes.Host.Bus;
using Freehold.Processes.Host.Effects;
using Freehold.Processes.Host.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Processes.Host;

/// <summary>A way from the near to the far process: how either side is set up, and how a visit is sent.</summary>
public abstract class Way
{
    private static readonly Dictionary<string, Way> All = new(StringComparer.Ordinal)
    {
        ["publish"] = new BusWay(BusWay.PublishAsync),
        ["send"] = new BusWay(BusWay.SendAsync),
        ["request/response"] = new BusWay(BusWay.RequestAsync),
        ["fire-and-forget"] = new JobWay(JobWay.Enqueue),
        ["delayed"] = new JobWay(JobWay.Schedule),
        ["continuation"] = new JobWay(JobWay.ContinueWith),
        ["effects by messages"] = new EffectMessagesWay(),
        ["effects by jobs"] = new EffectJobsWay(),
    };

    public static Way Named(string name) => All[name];

    /// <summary>Adds the tenants.</summary>
    public virtual void AddTenancy(IServiceCollection services, HostSettings settings, VisitLog visits) =>
        ContractServices.AddTo(services, visits, settings.Database, settings.ConfigureTenancy);

    /// <summary>Adds a side that only sends.</summary>
    public abstract void AddNear(IServiceCollection services, HostSettings settings);

    /// <summary>Adds a side that also works off what was sent, and reports what became of it.</summary>
    public abstract void AddFar(IServiceCollection services, HostSettings settings, FrameStream near);

    /// <summary>Sends a visit in the name of a tenant, or of none. Returns the code of a refusal here.</summary>
    public async Task<string?> CrossAsync(IServiceProvider services, string? tenant, Guid visit, bool mayLackTenant = false)
    {
        using var scope = tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(tenant));
        return await SendAsync(services, visit, mayLackTenant);
    }

    protected abstract Task<string?> SendAsync(IServiceProvider services, Guid visit, bool mayLackTenant);
}
