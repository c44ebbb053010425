namespace Freehold.Benchmarks.Hops;

/// <summary>What the hops are measured with.</summary>
internal enum Hop
{
    /// <summary>The host alone.</summary>
    Bare,

    /// <summary>With the adapter.</summary>
    Tenancy,

    /// <summary>With the adapter, and tenants signed.</summary>
    Signed,
}

internal static class HopExtensions
{
    public static readonly Tenant Acme = new("acme");

    /// <summary>Adds the tenants, if there are any.</summary>
    public static void AddTo(this Hop hop, Microsoft.Extensions.DependencyInjection.IServiceCollection services, Action<MultiTenancyBuilder>? configure = null)
    {
        if (hop == Hop.Bare)
        {
            return;
        }

        services.AddMultiTenancy(tenancy =>
        {
            tenancy.UseTenants(Acme);
            configure?.Invoke(tenancy);
            if (hop == Hop.Signed)
            {
                tenancy.SignTenants(signing => signing.Keys["benchmark"] = Convert.ToBase64String(new byte[32]));
            }
        });
    }
}
