using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Internal;
using Microsoft.EntityFrameworkCore.Storage;

namespace Freehold.Operations.Tests.Models;

#pragma warning disable EF1001 // It is what users derive theirs from.
/// <summary>A migrator of a user's own, so that EF itself has to migrate.</summary>
public sealed class OwnMigrator(
    IMigrationsAssembly assembly, IHistoryRepository history, IDatabaseCreator creator, IMigrationsSqlGenerator generator, IRawSqlCommandBuilder builder,
    IMigrationCommandExecutor executor, IRelationalConnection connection, ISqlGenerationHelper helper, ICurrentDbContext context, IModelRuntimeInitializer initializer,
    IDiagnosticsLogger<DbLoggerCategory.Migrations> logger, IRelationalCommandDiagnosticsLogger commands, IDatabaseProvider provider, IMigrationsModelDiffer differ,
    IDesignTimeModel model, IDbContextOptions options, IExecutionStrategy strategy)
    : Migrator(
        assembly, history, creator, generator, builder, executor, connection, helper, context, initializer, logger, commands, provider, differ, model, options, strategy);
#pragma warning restore EF1001
