using Freehold.Core;
using Freehold.Operations.Seeding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Freehold;

/// <summary>Adds data that tenants begin with.</summary>
public static class SeedingMultiTenancyExtensions
{
    /// <summary>Adds a seed. Needs <c>AddOperations</c>; start-up says so where it is missing, and where two seeds have one version.</summary>
    /// <param name="tenancy">The builder within <c>AddMultiTenancy</c>.</param>
    /// <param name="version">
    /// From 1, unique over all seeds of the application. Seeds are applied in this order, and a new one has the highest: one below what a tenant has is refused.
    /// </param>
    /// <param name="name">What the tenant's record calls it; by default the name of <typeparamref name="TSeed"/>. It must stay what it is.</param>
    /// <param name="environments">Where it is applied, such as <c>Development</c>; by default everywhere.</param>
    /// <typeparam name="TContext">The context whose data it is.</typeparam>
    /// <typeparam name="TSeed">The seed; made anew for each tenant.</typeparam>
    public static MultiTenancyBuilder AddSeed<TContext, TSeed>(
        this MultiTenancyBuilder tenancy, int version, string? name = null, IEnumerable<string>? environments = null)
        where TContext : DbContext
        where TSeed : class, ITenantSeed<TContext>
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.AddSingleton<SeedRegistration>(new SeedRegistration<TContext, TSeed>(version, name ?? typeof(TSeed).Name, [.. environments ?? []]));
        tenancy.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupCheck, SeedCheck>());
        return tenancy;
    }
}
