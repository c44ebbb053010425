using Freehold.Core.Data.Model;
using Freehold.Core.Data.Session;
using Freehold.Operations.Places;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;

namespace Freehold.Operations.Migrating;

/// <summary>
/// Migrations where tenants can be isolated by row. A reference that is set to null when its target goes keeps its tenant; and in a place of rows,
/// every migration ends, in its own transaction, with a policy on each table that it made or changed.
/// </summary>
#pragma warning disable EF1001 // The base class asks for it.
internal sealed class TenantSqlGenerator(MigrationsSqlGeneratorDependencies dependencies, INpgsqlSingletonOptions options)
    : SharedTypesSqlGenerator(dependencies, options)
#pragma warning restore EF1001
{
    private string? Column => Dependencies.CurrentContext.Context.GetService<TenantModelSettings>().TenantColumn;

    public override IReadOnlyList<MigrationCommand> Generate(
        IReadOnlyList<MigrationOperation> operations, IModel? model = null, MigrationsSqlGenerationOptions options = MigrationsSqlGenerationOptions.Default)
    {
        var commands = base.Generate(operations, model, options);
        if (Column is not { } column || !Dependencies.CurrentContext.Context.GetService<TenantLease>().IsByRow || model?.FindEntityType(typeof(HistoryRow)) is not null)
        {
            return commands;
        }

        // What a migration does to data, it does to everybody's: the owner's own policies would hide it all.
        var opens = operations.Any(operation => operation is SqlOperation or UpdateDataOperation or DeleteDataOperation);
        return [.. opens ? Command(RowPolicies.OpenSql(column)) : [], .. commands, .. Command(RowPolicies.ProtectSql(column))];
    }

    protected override void ForeignKeyConstraint(AddForeignKeyOperation operation, IModel? model, MigrationCommandListBuilder builder)
    {
        base.ForeignKeyConstraint(operation, model, builder);
        if (operation.OnDelete == ReferentialAction.SetNull && Column is { } column && operation.Columns is [var first, .. var others] && first == column)
        {
            // PostgreSQL 15. The clause ends the constraint.
            builder.Append($" ({string.Join(", ", others.Select(name => Dependencies.SqlGenerationHelper.DelimitIdentifier(name)))})");
        }
    }

    private IReadOnlyList<MigrationCommand> Command(string sql) => new MigrationCommandListBuilder(Dependencies).AppendLine(sql).EndCommand().GetCommandList();
}
