using Freehold.Core;
using Freehold.Core.Data.Connections;
using Freehold.Operations;
using Freehold.Operations.Diagnosing;
using Freehold.Operations.Drift;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Freehold.Operations.Provisioning;
using Freehold.Operations.Running;
using Freehold.Operations.Seeding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>Adds what is done to tenants: provisioning, migrating, dropping.</summary>
public static class OperationsMultiTenancyExtensions
{
    /// <summary>
    /// Adds <see cref="ITenantProvisioner"/>, <see cref="ITenantSpares"/>, <see cref="ITenantOperations"/>, <see cref="ITenantSeeder"/>, <see cref="ITenantDrift"/> and
    /// <see cref="ITenantDoctor"/>. Needs
    /// <c>UseNpgsql</c> or <c>UseSqlite</c>; start-up says so where they are missing.
    /// </summary>
    /// <param name="tenancy">The builder within <c>AddMultiTenancy</c>.</param>
    /// <param name="configure">Changes the defaults of <see cref="TenantOperationsOptions"/>.</param>
    public static MultiTenancyBuilder AddOperations(this MultiTenancyBuilder tenancy, Action<TenantOperationsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.Configure(configure ?? (static _ => { }));
        tenancy.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupCheck, OperationsCheck>());
        tenancy.Services.TryAddSingleton<TenantPlaces>(Places);
        tenancy.Services.TryAddSingleton<TenantSites>();
        tenancy.Services.TryAddSingleton<MigrationScripts>();
        tenancy.Services.TryAddSingleton<ScriptRunner>();
        tenancy.Services.TryAddSingleton<EfMigrator>();
        tenancy.Services.TryAddSingleton<AppliedSql>();
        tenancy.Services.TryAddSingleton<SiteMigrator>();
        tenancy.Services.TryAddSingleton<RunSessions>();
        tenancy.Services.TryAddSingleton<OperationRunner>();
        tenancy.Services.TryAddSingleton<OutOfService>();
        tenancy.Services.TryAddSingleton<MigrationPlanner>();
        tenancy.Services.TryAddSingleton<MigrationRunner>();
        tenancy.Services.TryAddSingleton<TenantDropping>();
        tenancy.Services.TryAddSingleton<TenantProvisioner>();
        tenancy.Services.TryAddSingleton<ITenantProvisioner>(services => services.GetRequiredService<TenantProvisioner>());
        tenancy.Services.TryAddSingleton<SpareNames>();
        tenancy.Services.TryAddSingleton<SpareDemand>();
        tenancy.Services.TryAddSingleton<TenantSpares>();
        tenancy.Services.TryAddSingleton<ITenantSpares>(services => services.GetRequiredService<TenantSpares>());
        tenancy.Services.TryAddSingleton<ITenantOperations, TenantOperations>();
        tenancy.Services.TryAddSingleton<ITenantDoctor, TenantDoctor>();
        tenancy.Services.TryAddSingleton<SeedList>();
        tenancy.Services.TryAddSingleton<SeedJournal>();
        tenancy.Services.TryAddSingleton<SeedRunner>();
        tenancy.Services.TryAddSingleton<ITenantSeeder, TenantSeeder>();
        tenancy.Services.TryAddSingleton<CatalogSource>();
        tenancy.Services.TryAddSingleton<DriftReference>();
        tenancy.Services.TryAddSingleton<ITenantDrift, TenantDrift>();
        return tenancy;
    }

    /// <summary>
    /// Migrates the shared tables and all tenants when the host starts, before its other services. A tenant that fails is logged, and the host starts without it
    /// (<see cref="AddTenantMigrations"/> makes readiness say so); shared tables that fail stop the host. For fleets where that takes seconds: a deployment's own step
    /// with <see cref="ITenantOperations"/> tells more, and holds no start up.
    /// </summary>
    /// <param name="tenancy">The builder within <c>AddMultiTenancy</c>, after <see cref="AddOperations"/> or before.</param>
    /// <param name="configure">How to go through the tenants.</param>
    public static MultiTenancyBuilder MigrateTenantsOnStartup(this MultiTenancyBuilder tenancy, Action<TenantRunOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        var options = new TenantRunOptions();
        configure?.Invoke(options);
        options.Check();
        tenancy.AddOperations();
        tenancy.Services.AddSingleton<IStartupProbe>(services => new MigrationsAtStart(services.GetRequiredService<ITenantOperations>(), options));
        return tenancy;
    }

    /// <summary>
    /// Adds a health check, <c>tenant-migrations</c> with the tag <c>ready</c>, that is healthy when no tenant and no shared table lacks a migration of this
    /// version of the application. Asked until it is so once; each time one query for each shared database.
    /// </summary>
    /// <param name="checks">What <c>AddHealthChecks</c> returns.</param>
    /// <param name="failureStatus">What it is otherwise: unhealthy, or degraded where the application may serve tenants who lack something.</param>
    public static IHealthChecksBuilder AddTenantMigrations(this IHealthChecksBuilder checks, HealthStatus failureStatus = HealthStatus.Unhealthy)
    {
        ArgumentNullException.ThrowIfNull(checks);
        checks.Services.TryAddSingleton<MigrationsCheck>();
        return checks.Add(new("tenant-migrations", services => services.GetRequiredService<MigrationsCheck>(), failureStatus, ["ready"]));
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
