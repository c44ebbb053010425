using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Migrations;

namespace Freehold.Operations.Migrating;

/// <summary>
/// Every tenant's migrations create the enum types that all tenants share: the first one does, the others find them. None drops them, because
/// the others still have columns of that type.
/// </summary>
#pragma warning disable EF1001 // The base class asks for it.
internal class SharedTypesSqlGenerator(MigrationsSqlGeneratorDependencies dependencies, INpgsqlSingletonOptions options)
    : NpgsqlMigrationsSqlGenerator(dependencies, options)
#pragma warning restore EF1001
{
    protected override void GenerateCreateEnum(PostgresEnum enumType, IModel? model, MigrationCommandListBuilder builder)
    {
        var labels = string.Join(", ", enumType.Labels.Select(Literal));
        builder.AppendLine(
            $"DO $freehold$ BEGIN CREATE TYPE {Name(enumType)} AS ENUM ({labels}); EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $freehold$;");
    }

    protected override void GenerateDropEnum(PostgresEnum enumType, IModel? model, MigrationCommandListBuilder builder)
    {
    }

    protected override void GenerateAddEnumLabel(
        PostgresEnum enumType, string addedLabel, string? beforeLabel, string? afterLabel, IModel? model, MigrationCommandListBuilder builder)
    {
        var place = beforeLabel is not null ? $" BEFORE {Literal(beforeLabel)}" : afterLabel is not null ? $" AFTER {Literal(afterLabel)}" : "";
        builder.AppendLine($"ALTER TYPE {Name(enumType)} ADD VALUE IF NOT EXISTS {Literal(addedLabel)}{place};");
    }

    private string Name(PostgresEnum enumType) => Dependencies.SqlGenerationHelper.DelimitIdentifier(enumType.Name, enumType.Schema);

    private static string Literal(string label) => SqlText.Literal(label);
}
