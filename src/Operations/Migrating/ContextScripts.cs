using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Migrating;

/// <summary>The migrations of one context, generated when first needed and then the same for every tenant of one kind of place.</summary>
internal sealed class ContextScripts
{
    private readonly ConcurrentDictionary<MigrationMove, MigrationScript> _made = new();
    private readonly Dictionary<string, string> _records;
    private readonly Lock _making = new();
    private bool _isModelChecked;

    /// <exception cref="MultiTenancyConfigurationException">There are tables and no migration that makes them.</exception>
    public ContextScripts(ContextMigrator migrator, DbContext context)
    {
        Migrator = migrator;
        Name = context.GetType().Name;
        FullName = context.GetType().FullName!;
        (History, var ids) = ContextMigrator.Migrations(context);
        Ids = [.. ids];
        var core = context.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>();
        HasSeeding = core?.Seeder is not null || core?.AsyncSeeder is not null;
        var history = context.GetService<IHistoryRepository>();
        CreateHistory = history.GetCreateIfNotExistsScript();
        IdColumn = history is HistoryRepository known && IsProviders(context.GetService<IMigrator>()) ? ColumnOf(known) : null;
        _records = IdColumn is null ? [] : Ids.ToDictionary(id => id, id => history.GetInsertScript(Row(id)), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A row of the history, as EF writes it.</summary>
    public static HistoryRow Row(string id) => new(id, ProductInfo.GetVersion());

    public ContextMigrator Migrator { get; }

    /// <summary>The name of the context's type.</summary>
    public string Name { get; }

    /// <summary>The same with its namespace.</summary>
    public string FullName { get; }

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

    /// <summary>What a move is called outside.</summary>
    public TenantMigration Migration(MigrationMove move) => new(Name, move.Id) { IsReverted = move.IsDown };

    /// <summary>Writes the history row of a migration; where <see cref="IdColumn"/> is not null.</summary>
    public string RecordSql(string id) => _records[id];

    /// <summary>The scripts of these moves, to be executed.</summary>
    /// <param name="moves">Which.</param>
    /// <param name="open">Opens a context, if one is missing; it is disposed here.</param>
    /// <exception cref="MultiTenancyConfigurationException">A migration cannot be reverted.</exception>
    public IReadOnlyList<MigrationScript> Of(IReadOnlyList<MigrationMove> moves, Func<DbContext> open)
    {
        if (!_isModelChecked && moves.Any(move => !move.IsDown))
        {
            lock (_making)
            {
                CheckModel(open);
            }
        }

        return Described(moves, open);
    }

    /// <summary>The same, to be looked at: whether the model has changes that are in no migration does not matter.</summary>
    public IReadOnlyList<MigrationScript> Described(IReadOnlyList<MigrationMove> moves, Func<DbContext> open)
    {
        if (moves.Any(move => !_made.ContainsKey(move)))
        {
            lock (_making)
            {
                Make([.. moves.Where(move => !_made.ContainsKey(move))], open);
            }
        }

        return [.. moves.Select(move => _made[move])];
    }

    private void CheckModel(Func<DbContext> open)
    {
        using var context = open();
        if (context.GetService<IMigrationsAssembly>().ModelSnapshot is not null && context.Database.HasPendingModelChanges())
        {
            // As EF's own MigrateAsync: an error, unless the user configured that warning otherwise.
            context.GetService<IDiagnosticsLogger<DbLoggerCategory.Migrations>>().PendingModelChangesWarning(context.GetType());
        }

        _isModelChecked = true;
    }

    private void Make(IReadOnlyList<MigrationMove> moves, Func<DbContext> open)
    {
        using var context = open();

        // A migration that asked who is current would say it to all the others, too.
        using var nobody = TenantScope.EnterNone();
        foreach (var move in moves)
        {
            _made[move] = MigrationSql.Of(context, move);
        }
    }

    private static bool IsProviders(IMigrator migrator) => migrator.GetType().Assembly.GetName().Name is "Npgsql.EntityFrameworkCore.PostgreSQL";

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_MigrationIdColumnName")]
    private static extern string ColumnOf(HistoryRepository history);
}
