using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace Freehold.Operations.Migrating;

/// <summary>Generates the SQL of a migration with EF's own generator, divided where a command cannot be in a transaction.</summary>
internal static class MigrationSql
{
    /// <exception cref="MultiTenancyConfigurationException">The migration cannot be reverted.</exception>
    public static MigrationScript Of(DbContext context, MigrationMove move)
    {
        var assembly = context.GetService<IMigrationsAssembly>();
        var migration = assembly.CreateMigration(assembly.Migrations[move.Id], context.Database.ProviderName!);
        var history = context.GetService<IHistoryRepository>();
        return move.IsDown
            ? Script(move, Down(context, move.Id, migration), history.GetDeleteScript(move.Id))
            : Script(move, Generate(context, migration.UpOperations, migration.TargetModel), history.GetInsertScript(ContextScripts.Row(move.Id)));
    }

    private static MigrationScript Script(MigrationMove move, IReadOnlyList<MigrationCommand> commands, string record)
    {
        var steps = new List<MigrationStep>();
        var together = new StringBuilder();
        foreach (var command in commands)
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

        steps.Add(new(together.AppendLine(record).AppendLine(";").ToString(), IsOutside: false));
        return new(move, steps);
    }

    // Back to the model of the migration before it.
    private static IReadOnlyList<MigrationCommand> Down(DbContext context, string id, Migration migration)
    {
        var assembly = context.GetService<IMigrationsAssembly>();
        var before = assembly.Migrations.Keys.TakeWhile(other => other != id).LastOrDefault();
        try
        {
            if (migration.DownOperations.Count == 0 && migration.UpOperations.Count > 0)
            {
                throw Irreversible(context, id, "its Down is empty");
            }

            return Generate(
                context, migration.DownOperations, before is null ? null : assembly.CreateMigration(assembly.Migrations[before], context.Database.ProviderName!).TargetModel);
        }
        catch (NotSupportedException failure)
        {
            throw Irreversible(context, id, failure.Message.TrimEnd('.'));
        }
    }

    private static IReadOnlyList<MigrationCommand> Generate(DbContext context, IReadOnlyList<MigrationOperation> operations, IModel? model) =>
        context.GetService<IMigrationsSqlGenerator>().Generate(operations, model is null ? null : context.GetService<IModelRuntimeInitializer>().Initialize(model));

    private static MultiTenancyConfigurationException Irreversible(DbContext context, string id, string because) => new(
        $"Migration '{id}' of {context.GetType().Name} cannot be reverted: {because}. Write its Down (one that has nothing to undo says so with "
        + "migrationBuilder.Sql(\"SELECT\")), or choose a later target. No tenant was changed.");
}
