using Freehold.Core.Data.Session;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace Freehold.Core.Data.Model;

/// <summary>What a tenant's model must not contain, each with its remedy.</summary>
internal static class TenantModelRules
{
    /// <exception cref="MultiTenancyConfigurationException">A rule is broken.</exception>
    public static void Check(IReadOnlyModel model, TenantModelSettings settings)
    {
        foreach (var defect in settings.IsForSharedTables ? SharedDefects(model, settings) : TenantDefects(model, settings))
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }

    /// <summary>Whether every name is where it belongs now that nobody can move it any more.</summary>
    /// <exception cref="MultiTenancyConfigurationException">One is not.</exception>
    public static void CheckFinished(IReadOnlyModel model, TenantModelSettings settings)
    {
        var own = settings.Kind == ContextKind.Tenant ? Placeholder.Schema : settings.SharedSchema;
        var misplaced = Schemas(model, type => type.IsSharedTable()).Where(name => name.Schema != settings.SharedSchema)
            .Concat(Schemas(model, type => !type.IsSharedTable()).Concat(OtherSchemas(model)).Where(name => name.Schema != own));
        foreach (var (what, schema) in misplaced)
        {
            throw new MultiTenancyConfigurationException(
                $"{what} was put into the schema '{schema}' by a convention: it would be the same one for every tenant. Remove that convention, or leave schemas "
                + "out of it.");
        }
    }

    /// <summary>True where a query can run SQL that names tables without a schema: functions, procedures, <c>ToSqlQuery</c>.</summary>
    public static bool RunsSqlOfItsOwn(IReadOnlyModel model) =>
        model.GetDbFunctions().Any(function => !function.IsBuiltIn)
        || model.GetEntityTypes().Any(type => type.GetSqlQuery() is not null || StoredProcedures(type).Any());

    private static IEnumerable<string> SharedDefects(IReadOnlyModel model, TenantModelSettings settings)
    {
        foreach (var (what, schema) in WrittenSchemas(model))
        {
            if (schema != settings.SharedSchema)
            {
                yield return $"{what} is put into the schema '{schema}' by hand. Shared tables live in '{settings.SharedSchema}' "
                    + "(TenantNamingOptions.SharedSchema): remove the schema, or change the option.";
            }
        }
    }

    private static IEnumerable<string> TenantDefects(IReadOnlyModel model, TenantModelSettings settings)
    {
        foreach (var (what, schema) in WrittenSchemas(model))
        {
            yield return $"{what} is put into the schema '{schema}' by hand: it would be the same one for every tenant. Remove the schema, or declare the "
                + "entity shared with IsShared().";
        }

        var shared = model.GetEntityTypes().FirstOrDefault(type => type.IsSharedTable());
        if (shared is not null && (settings.DefaultIsolation == Isolation.Database || !settings.HasSchemas))
        {
            yield return $"{shared.DisplayName()} is declared shared, but tenants have databases of their own, and a query cannot join two databases. Use "
                + "Isolation.Schema, or read shared tables through ISharedDbContextFactory.";
        }

        foreach (var key in model.GetEntityTypes().Where(type => type.IsSharedTable()).SelectMany(type => type.GetForeignKeys()))
        {
            if (!key.PrincipalEntityType.IsSharedTable())
            {
                yield return $"The shared {key.DeclaringEntityType.DisplayName()} references {key.PrincipalEntityType.DisplayName()}, which every tenant has one "
                    + "of. Turn the reference round, or declare both shared.";
            }
        }

        foreach (var defect in settings.TenantColumn is { } column ? RowModelRules.Defects(model, column) : [])
        {
            yield return defect;
        }

        foreach (var defect in settings.HasSchemas ? PostgresDefects(model, settings) : [])
        {
            yield return defect;
        }
    }

    private static IEnumerable<string> PostgresDefects(IReadOnlyModel model, TenantModelSettings settings)
    {
        var hiLo = model.GetEntityTypes().SelectMany(type => type.GetProperties())
            .FirstOrDefault(property => NpgsqlPropertyExtensions.GetValueGenerationStrategy(property) == NpgsqlValueGenerationStrategy.SequenceHiLo);
        if (hiLo is not null)
        {
            yield return $"{hiLo.DeclaringType.DisplayName()}.{hiLo.Name} takes its values from a HiLo sequence. Its blocks are kept in the process for all tenants, "
                + "so one tenant would use up another's numbers. Use an identity column or UseSequence instead.";
        }

        var types = model.GetPostgresEnums().Select(type => ($"The enum type '{type.Name}'", type.Schema))
            .Concat(model.GetPostgresExtensions().Select(extension => ($"The extension '{extension.Name}'", extension.Schema)));
        foreach (var (what, schema) in types)
        {
            if (schema is null || schema != settings.TypesSchema)
            {
                yield return $"{what} has no home that all tenants share: made in one tenant's schema it is missing in the next. Set "
                    + "TenantNamingOptions.TypesSchema, and name that schema where the type or extension is declared.";
            }
        }
    }

    // Asked before the convention gives a default: a schema found now was written by the user.
    private static IEnumerable<(string What, string Schema)> WrittenSchemas(IReadOnlyModel model)
    {
        if (model.GetDefaultSchema() is { } defaultSchema)
        {
            yield return ("The whole model (HasDefaultSchema)", defaultSchema);
            yield break;
        }

        foreach (var written in Schemas(model, type => !type.IsSharedTable()).Concat(OtherSchemas(model)))
        {
            yield return written;
        }
    }

    private static IEnumerable<(string What, string Schema)> Schemas(IReadOnlyModel model, Func<IReadOnlyEntityType, bool> which)
    {
        foreach (var type in model.GetEntityTypes().Where(which))
        {
            var schemas = new[] { type.GetSchema(), type.GetViewSchema() }
                .Concat(type.GetMappingFragments().Select(fragment => fragment.StoreObject.Schema))
                .Concat(StoredProcedures(type).Select(procedure => procedure.Schema));
            foreach (var schema in schemas.OfType<string>())
            {
                yield return (type.DisplayName(), schema);
            }
        }
    }

    private static IEnumerable<(string What, string Schema)> OtherSchemas(IReadOnlyModel model)
    {
        foreach (var sequence in model.GetSequences().Where(sequence => sequence.Schema is not null))
        {
            yield return ($"The sequence '{sequence.Name}'", sequence.Schema!);
        }

        foreach (var function in model.GetDbFunctions().Where(function => !function.IsBuiltIn && function.Schema is not null))
        {
            yield return ($"The function '{function.Name}'", function.Schema!);
        }
    }

    private static IEnumerable<IReadOnlyStoredProcedure> StoredProcedures(IReadOnlyEntityType type) => new[]
    {
        type.GetInsertStoredProcedure(), type.GetUpdateStoredProcedure(), type.GetDeleteStoredProcedure(),
    }.OfType<IReadOnlyStoredProcedure>();
}
