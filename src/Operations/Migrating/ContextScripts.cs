using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Migrating;

/// <summary>The migrations of one context, generated when first needed and then the same for every tenant of one kind of place.</summary>
internal sealed class ContextScripts
{
    private readonly ConcurrentDictionary<string, MigrationScript> _made = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _making = new();
    private bool _isModelChecked;

    /// <exception cref="MultiTenancyConfigurationException">There are tables and no migration that makes them.</exception>
    public ContextScripts(ContextMigrator migrator, DbContext context)
    {
        Migrator = migrator;
        Name = context.GetType().Name;
        (History, var ids) = ContextMigrator.Migrations(context);
        Ids = [.. ids];
        var core = context.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>();
        HasSeeding = core?.Seeder is not null || core?.AsyncSeeder is not null;
        var history = context.GetService<IHistoryRepository>();
        CreateHistory = history.GetCreateIfNotExistsScript();
        IdColumn = history is HistoryRepository known && IsProviders(context.GetService<IMigrator>()) ? ColumnOf(known) : null;
    }

    public ContextMigrator Migrator { get; }

    /// <summary>The name of the context's type.</summary>
    public string Name { get; }

    /// <summary>The name of the history table.</summary>
    public string History { get; }

    /// <summary>The history table's column of ids; null where the user put a migrator or history of their own in place: EF alone can run that.</summary>
    public string? IdColumn { get; }

    /// <summary>Makes the history table where it is missing.</summary>
    public string CreateHistory { get; }

    /// <summary>All migrations, in their order.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Whether EF's own seeding (UseSeeding, UseAsyncSeeding) is configured.</summary>
    public bool HasSeeding { get; }

    /// <summary>Those that a history lacks, in their order.</summary>
    public IReadOnlyList<string> Pending(IReadOnlySet<string> applied) => [.. Ids.Where(id => !applied.Contains(id))];

    /// <summary>The scripts of these migrations.</summary>
    /// <param name="ids">Which.</param>
    /// <param name="open">Opens a context, if one is missing; it is disposed here.</param>
    public IReadOnlyList<MigrationScript> Of(IReadOnlyList<string> ids, Func<DbContext> open)
    {
        if (ids.Any(id => !_made.ContainsKey(id)))
        {
            lock (_making)
            {
                Make([.. ids.Where(id => !_made.ContainsKey(id))], open);
            }
        }

        return [.. ids.Select(id => _made[id])];
    }

    private void Make(IReadOnlyList<string> ids, Func<DbContext> open)
    {
        using var context = open();

        // A migration that asked who is current would say it to all the others, too.
        using var nobody = TenantScope.EnterNone();
        if (!_isModelChecked && context.GetService<IMigrationsAssembly>().ModelSnapshot is not null && context.Database.HasPendingModelChanges())
        {
            // As EF's own MigrateAsync: an error, unless the user configured that warning otherwise.
            context.GetService<IDiagnosticsLogger<DbLoggerCategory.Migrations>>().PendingModelChangesWarning(context.GetType());
        }

        _isModelChecked = true;
        foreach (var id in ids)
        {
            _made[id] = Generate(context, id);
        }
    }

    private static MigrationScript Generate(DbContext context, string id)
    {
        var assembly = context.GetService<IMigrationsAssembly>();
        var migration = assembly.CreateMigration(assembly.Migrations[id], context.Database.ProviderName!);
        var model = context.GetService<IModelRuntimeInitializer>().Initialize(migration.TargetModel);
        var steps = new List<MigrationStep>();
        var together = new StringBuilder();
        foreach (var command in context.GetService<IMigrationsSqlGenerator>().Generate(migration.UpOperations, model))
        {
            if (!command.TransactionSuppressed)
            {
                together.AppendLine(command.CommandText).AppendLine(";");
                continue;
            }

            if (together.Length > 0)
            {
                steps.Add(new(together.ToString(), IsOutside: false));
                together.Clear();
            }

            steps.Add(new(command.CommandText, IsOutside: true));
        }

        together.AppendLine(context.GetService<IHistoryRepository>().GetInsertScript(new HistoryRow(id, ProductInfo.GetVersion()))).AppendLine(";");
        steps.Add(new(together.ToString(), IsOutside: false));
        return new(id, steps);
    }

    private static bool IsProviders(IMigrator migrator) => migrator.GetType().Assembly.GetName().Name is "Npgsql.EntityFrameworkCore.PostgreSQL";

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_MigrationIdColumnName")]
    private static extern string ColumnOf(HistoryRepository history);
}
