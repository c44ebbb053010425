using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Data.Model;
using Freehold.Core.Data.Session;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Options;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;

namespace Freehold.Core.Data;

/// <summary>Builds the options of a context type: the provider's, Freehold's, the user's, in this order.</summary>
internal sealed class ContextOptions(
    IServiceProvider services, DatabaseProvider provider, IOptions<MultiTenancyOptions> options, IOptions<TenantNamingOptions> naming)
{
    public DbContextOptions<TContext> Build<TContext>(ContextRegistration registration, ContextKind kind) where TContext : DbContext
    {
        var builder = new DbContextOptionsBuilder<TContext>();
        builder.UseApplicationServiceProvider(services);
        provider.Configure(builder);
        ((IDbContextOptionsBuilderInfrastructure)builder).AddOrUpdateExtension(new TenancyOptionsExtension(new TenantModelSettings(
            kind,
            provider.Name,
            provider.HasSchemas,
            options.Value.Isolation,
            naming.Value.SharedSchema,
            naming.Value.TypesSchema,
            registration.IsForSharedTables)
        {
            TenantColumn = options.Value.HasRow && !registration.IsForSharedTables ? naming.Value.TenantColumn : null,
            DetectsCrossings = kind == ContextKind.Tenant && options.Value.CrossTenantDetection != CrossTenantDetection.Off,
        }));

        // Many hosts in one process, as tests have them, may differ in what the model depends on; one host needs three at most for a context.
        builder.ConfigureWarnings(warnings => warnings.Log(CoreEventId.ManyServiceProvidersCreatedWarning));
        registration.Configure?.Invoke(builder);
        Check(typeof(TContext).Name, builder.Options);
        builder.AddInterceptors(SessionInterceptor.Instance, SharedWriteInterceptor.Instance, TenantStampInterceptor.Instance);
        return builder.Options;
    }

    private void Check(string context, DbContextOptions built)
    {
        var relational = built.Extensions.OfType<RelationalOptionsExtension>().ToArray();
        if (relational.Length != 1)
        {
            throw new MultiTenancyConfigurationException($"{context} is configured for another database than {provider.Name}. Remove that from its options.");
        }

        if (relational[0].ConnectionString is not null || relational[0].Connection is not null || DataSource(relational[0]) is not null)
        {
            throw new MultiTenancyConfigurationException(
                $"{context} has a connection in its options; every tenant would share it. Remove it: Freehold gives each context its tenant's own.");
        }

        if (built.FindExtension<CoreOptionsExtension>()?.Model is not null)
        {
            throw new MultiTenancyConfigurationException(
                $"{context} uses a model built elsewhere (UseModel, or a compiled model), which lacks the tenant's place in its names. Remove it.");
        }
    }

#pragma warning disable EF1001 // The only way to see that UseNpgsql(dataSource) was called.
    private static DbDataSource? DataSource(RelationalOptionsExtension extension) => (extension as NpgsqlOptionsExtension)?.DataSource;
#pragma warning restore EF1001
}
