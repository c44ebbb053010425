using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests.Hosting;

/// <summary>The ambient tenant, for code that no container built.</summary>
internal static class Ambient
{
    private static readonly ITenantContext Context =
        new ServiceCollection().AddMultiTenancy(tenancy => tenancy.UseTenants()).BuildServiceProvider().GetRequiredService<ITenantContext>();

    public static Tenant? Current => Context.Current;
}
