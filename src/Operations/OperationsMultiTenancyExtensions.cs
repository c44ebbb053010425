using Freehold.Core;
using Freehold.Core.Data.Connections;
using Freehold.Operations;
using Freehold.Operations.Diagnosing;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Freehold.Operations.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>Adds what is done to tenants: provisioning, migrating, dropping.</summary>
public static class OperationsMultiTenancyExtensions
{
    /// <summary>Adds <see cref="ITenantProvisioner"/>, <see cref="ITenantOperations"/> and <see cref="ITenantDoctor"/>. Needs <c>UseNpgsql</c> or <c>UseSqlite</c>; start-up says so where they are missing.</summary>
    /// <param name="tenancy">The builder within <c>AddMultiTenancy</c>.</param>
    /// <param name="configure">Changes the defaults of <see cref="TenantOperationsOptions"/>.</param>
    public static MultiTenancyBuilder AddOperations(this MultiTenancyBuilder tenancy, Action<TenantOperationsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.Configure(configure ?? (static _ => { }));
        tenancy.Services.AddSingleton<IStartupCheck, OperationsCheck>();
        tenancy.Services.TryAddSingleton<TenantPlaces>(Places);
        tenancy.Services.TryAddSingleton<TenantSites>();
        tenancy.Services.TryAddSingleton<MigrationScripts>();
        tenancy.Services.TryAddSingleton<ScriptRunner>();
        tenancy.Services.TryAddSingleton<SiteMigrator>();
        tenancy.Services.TryAddSingleton<ITenantProvisioner, TenantProvisioner>();
        tenancy.Services.TryAddSingleton<ITenantOperations, TenantOperations>();
        tenancy.Services.TryAddSingleton<ITenantDoctor, TenantDoctor>();
        return tenancy;
    }

    private static TenantPlaces Places(IServiceProvider services) => services.GetService<DatabaseProvider>() switch
    {
        NpgsqlProvider => ActivatorUtilities.CreateInstance<NpgsqlPlaces>(services),
        SqliteProvider provider => ActivatorUtilities.CreateInstance<SqlitePlaces>(services, provider),
        _ => throw OperationsCheck.NoDatabase(),
    };
}

/// <summary>Are the options possible, and is there a database to operate on?</summary>
internal sealed class OperationsCheck(IOptions<TenantOperationsOptions> options, DatabaseProvider? provider = null) : IStartupCheck
{
    public static MultiTenancyConfigurationException NoDatabase() =>
        new("AddOperations has no database to work on. Call UseNpgsql or UseSqlite within AddMultiTenancy.");

    public void Run()
    {
        if (provider is null)
        {
            throw NoDatabase();
        }

        foreach (var defect in options.Value.Defects().Concat(provider.AdministrativeDefects()))
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }
}
