using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Freehold;

/// <summary>What a DbContext says about tenants: in its model, and in its options.</summary>
public static class TenantModelExtensions
{
    /// <summary>
    /// Declares that all tenants share this entity's table. It lives in <see cref="TenantNamingOptions.SharedSchema"/>, is left out of the
    /// tenant context's migrations (a context registered with <c>AddSharedDbContext</c> owns it), joins with tenants' tables, and is read-only in their contexts.
    /// </summary>
    public static EntityTypeBuilder<TEntity> IsShared<TEntity>(this EntityTypeBuilder<TEntity> entity) where TEntity : class
    {
        ArgumentNullException.ThrowIfNull(entity);
        entity.HasAnnotation(ModelAnnotations.Shared, true);
        return entity;
    }

    /// <summary>Lets tenants' contexts of this type write the tables that all tenants share. Off by default.</summary>
    /// <exception cref="MultiTenancyConfigurationException">The options are not of a context registered with <c>AddMultiTenancy</c>.</exception>
    public static DbContextOptionsBuilder AllowSharedWrites(this DbContextOptionsBuilder options) =>
        Change(options, nameof(AllowSharedWrites), settings => settings with { AllowsSharedWrites = true });

    /// <summary>
    /// Sets the tenant's search path before every command, not only before SQL that EF did not write: for triggers and functions whose
    /// bodies name tables without a schema. Costs one more statement in a read's round trip, and one more round trip for a SaveChanges. Off by default.
    /// </summary>
    /// <exception cref="MultiTenancyConfigurationException">The options are not of a context registered with <c>AddMultiTenancy</c>.</exception>
    public static DbContextOptionsBuilder AlwaysSetSearchPath(this DbContextOptionsBuilder options) =>
        Change(options, nameof(AlwaysSetSearchPath), settings => settings with { AlwaysSetsSearchPath = true });

    private static DbContextOptionsBuilder Change(DbContextOptionsBuilder options, string what, Func<TenantModelSettings, TenantModelSettings> change)
    {
        ArgumentNullException.ThrowIfNull(options);
        var extension = options.Options.FindExtension<TenancyOptionsExtension>() ?? throw new MultiTenancyConfigurationException(
            $"{what} belongs into the lambda of AddDbContext within AddMultiTenancy; these options are not of a tenant's context.");
        ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(new TenancyOptionsExtension(change(extension.Settings)));
        return options;
    }
}
