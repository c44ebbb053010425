using Microsoft.AspNetCore.OutputCaching;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Keeps what the output cache stores apart by tenant; without UseMultiTenancy before UseOutputCache nothing is stored or served.</summary>
internal sealed class TenantOutputCachePolicy(ITenantContext tenants) : IOutputCachePolicy
{
    private const string Key = "tenant.id";

    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        // Later policies may allow what this one forbids, but no one asks twice for a key that is made up anew.
        context.CacheVaryByRules.VaryByValues[Key] = TenantGuard.IsOn(context.HttpContext)
            ? "tenant:" + tenants.Current?.Id.Value
            : "nobody:" + Guid.NewGuid();
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        if (context.CacheVaryByRules.VaryByValues[Key].StartsWith("nobody:", StringComparison.Ordinal))
        {
            context.AllowCacheStorage = false;
        }

        return ValueTask.CompletedTask;
    }
}
