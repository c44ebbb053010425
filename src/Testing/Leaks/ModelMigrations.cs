using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Internal;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace Freehold.Testing.Leaks;

#pragma warning disable EF1001 // EF finds migrations in an assembly, and has no public way to bring them along.

/// <summary>The migrations of a context's assembly; where it has none, one that makes all its tables.</summary>
internal sealed class ModelMigrations(
    ICurrentDbContext current, IDbContextOptions options, IMigrationsIdGenerator ids, IDiagnosticsLogger<DbLoggerCategory.Migrations> logger)
    : MigrationsAssembly(current, options, ids, logger)
{
    private const string Id = "20000101000000_Model";

    private readonly DbContext _context = current.Context;

    public override IReadOnlyDictionary<string, TypeInfo> Migrations => base.Migrations.Count > 0
        ? base.Migrations
        : new Dictionary<string, TypeInfo> { [Id] = typeof(ModelMigration).GetTypeInfo() };

    public override Migration CreateMigration(TypeInfo migrationClass, string activeProvider) =>
        migrationClass.AsType() == typeof(ModelMigration) ? new ModelMigration(_context) : base.CreateMigration(migrationClass, activeProvider);

    [Migration(Id)]
    private sealed class ModelMigration(DbContext context) : Migration
    {
        private readonly IModel _model = context.GetService<IDesignTimeModel>().Model;

        public override IModel TargetModel => _model;

        public override IReadOnlyList<MigrationOperation> UpOperations =>
            context.GetService<IMigrationsModelDiffer>().GetDifferences(null, _model.GetRelationalModel());

        protected override void Up(MigrationBuilder migrationBuilder)
        {
        }
    }
}
