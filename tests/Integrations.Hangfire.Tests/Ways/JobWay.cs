using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests.Ways;

/// <summary>One way from near to far.</summary>
internal abstract class JobWay
{
    public virtual bool NeedsDashboard => false;

    public virtual void Configure(IServiceCollection services)
    {
    }

    public abstract Task<Crossing> CrossAsync(JobsHost host, string? tenantId, Guid visit, bool mayLackTenant);

    /// <summary>Creates a job for a tenant, and waits for its end.</summary>
    protected static async Task<Crossing> CreateAsync(JobsHost host, string? tenantId, Func<IBackgroundJobClientV2, string> create) =>
        TryCreate(host, tenantId, create, out var job) is { } refusal ? refusal : await EndOfAsync(host, job);

    protected static Crossing? TryCreate(JobsHost host, string? tenantId, Func<IBackgroundJobClientV2, string> create, out string job)
    {
        try
        {
            job = host.CreateIn(tenantId, create);
            return null;
        }
        catch (BackgroundJobClientException refusal) when (refusal.InnerException is TenantException reason)
        {
            job = "";
            return new(reason.Code, Attempts: 0);
        }
    }

    protected static async Task<Crossing> EndOfAsync(JobsHost host, string job)
    {
        var states = await host.ReadToEndAsync(job);
        return new(states[^1].Code, states.Count(state => state.Name == "Processing"));
    }
}
