using Freehold.Core.Data.Budget;
using Freehold.Core.Data.Session;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Conventions.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Data.Model;

/// <summary>Brings Freehold's services into EF's own container. Holds nothing of a tenant or of a host, so that all of them share it.</summary>
internal sealed class TenancyOptionsExtension(TenantModelSettings settings) : IDbContextOptionsExtension
{
    private ExtensionInfo? _info;

    public TenantModelSettings Settings { get; } = settings;

    public DbContextOptionsExtensionInfo Info => _info ??= new ExtensionInfo(this);

    public void ApplyServices(IServiceCollection services)
    {
        services.AddSingleton(Settings);
        services.AddSingleton<IConventionSetPlugin, TenantModelConvention>();
        services.AddSingleton<IInterceptor, RawSqlMarker>();
        services.AddSingleton<IInterceptor, TenantColumnGuard>();
        services.AddScoped<TenantLease>();
        services.AddScoped<IResettableService>(provider => provider.GetRequiredService<TenantLease>());
        services.AddScoped<IInterceptor, TenantCommandInterceptor>();
        services.AddScoped<IInterceptor, TenantGuardInterceptor>();
        services.AddScoped<IInterceptor, BudgetInterceptor>();
    }

    public void Validate(IDbContextOptions options)
    {
    }

    private sealed class ExtensionInfo(TenancyOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        private TenantModelSettings Settings => ((TenancyOptionsExtension)Extension).Settings;

        public override bool IsDatabaseProvider => false;

        public override string LogFragment => $"Freehold({Settings.Kind}) ";

        public override int GetServiceProviderHashCode() => Settings.GetHashCode();

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) =>
            other is ExtensionInfo info && info.Settings == Settings;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["Freehold:Kind"] = Settings.Kind.ToString();
    }
}
