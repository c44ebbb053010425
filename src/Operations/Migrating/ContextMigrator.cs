using System.Data.Common;
using Freehold.Core.Data;
using Freehold.Core.Data.Connections;
using Freehold.Operations.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Migrating;

/// <summary>Makes contexts of a type that is known only at run time, in the flavour that migrates.</summary>
internal abstract class ContextMigrator
{
    public static ContextMigrator Of(IServiceProvider services, Type context) =>
        (ContextMigrator)ActivatorUtilities.CreateInstance(services, typeof(ContextMigrator<>).MakeGenericType(context));

    public abstract DbContext Open(Site site, DbConnection connection, IServiceProvider scope);

    /// <summary>The history table and the ids of all migrations, applied or not.</summary>
    /// <exception cref="MultiTenancyConfigurationException">There are tables and no migration that makes them.</exception>
    public static (string History, IEnumerable<string> Ids) Migrations(DbContext context)
    {
        var ids = context.GetService<IMigrationsAssembly>().Migrations.Keys;
        var model = context.GetService<IDesignTimeModel>().Model;
        if (!ids.Any() && model.GetEntityTypes().Any(type => type.GetTableName() is not null && !type.IsTableExcludedFromMigrations()))
        {
            var name = context.GetType().Name;
            throw new MultiTenancyConfigurationException(
                $"{name} has tables and no migrations, so that a tenant would stay empty. Add them with 'dotnet ef migrations add Initial --context {name}' "
                + "(and name their assembly with MigrationsAssembly, if it is another one).");
        }

        var history = RelationalOptionsExtension.Extract(context.GetService<IDbContextOptions>()).MigrationsHistoryTableName;
        return (history ?? HistoryRepository.DefaultTableName, ids);
    }
}

internal sealed class ContextMigrator<TContext>(ContextSource<TContext> source, DatabaseProvider provider) : ContextMigrator where TContext : DbContext
{
    public override DbContext Open(Site site, DbConnection connection, IServiceProvider scope) =>
        source.ForMigrations(new AdministrativeSource(connection), site.Tenant, site.Placement, scope, options => Configure(options, site));

    private void Configure(DbContextOptionsBuilder options, Site site)
    {
        if (site.IsSpare)
        {
            // EF's own seeding, like other seeds, is for the tenant that takes it over.
            options.UseSeeding((_, _) => { }).UseAsyncSeeding((_, _, _) => Task.CompletedTask);
        }

        // EF asks a new tenant's history table and takes the failure for a no; whatever really fails is thrown.
        options.ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandError, LogLevel.Debug)));
        if (provider.HasSchemas)
        {
            options.ReplaceService<IMigrationsSqlGenerator, TenantSqlGenerator>();
        }
    }
}
