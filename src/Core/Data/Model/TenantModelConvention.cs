using Freehold.Core.Data.Session;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Microsoft.EntityFrameworkCore.Metadata.Conventions.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Core.Data.Model;

/// <summary>Puts every table where it belongs when the model is finished, and refuses what would be everybody's.</summary>
internal sealed class TenantModelConvention(TenantModelSettings settings) : IModelFinalizingConvention, IModelFinalizedConvention, IConventionSetPlugin
{
    public ConventionSet ModifyConventions(ConventionSet conventionSet)
    {
        // First, so that the conventions that compare tables see where they are.
        conventionSet.ModelFinalizingConventions.Insert(0, this);

        // And when all others have run: one of the user's own may have moved a table since.
        conventionSet.ModelFinalizedConventions.Insert(0, this);
        return conventionSet;
    }

    public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        var model = modelBuilder.Metadata;
        TenantModelRules.Check(model, settings);

        var hasShared = false;
        foreach (var entityType in model.GetEntityTypes())
        {
            hasShared |= PlaceShared(entityType);
        }

        model.SetAnnotation(ModelAnnotations.HasShared, hasShared);
        model.SetAnnotation(ModelAnnotations.NeedsSession, TenantModelRules.RunsSqlOfItsOwn(model));
        if (settings.HasSchemas && settings.Kind != ContextKind.Migrations)
        {
            var schema = settings.Kind == ContextKind.Tenant ? Placeholder.Schema : settings.SharedSchema;
            model.SetDefaultSchema(schema);
            foreach (var entityType in ((IMutableModel)model).GetEntityTypes())
            {
                TableParts.MoveTo(entityType, entityType.IsSharedTable() ? settings.SharedSchema : schema);
            }
        }

        // Now that tables have their schemas: a column of a split entity is named with its table's.
        AddTenant((IMutableModel)model);

        if (settings.Kind != ContextKind.Migrations)
        {
            model.SetAnnotation(ModelAnnotations.Kind, settings.Kind.ToString());
        }
    }

    public IModel ProcessModelFinalized(IModel model)
    {
        if (settings.HasSchemas && settings.Kind != ContextKind.Migrations)
        {
            TenantModelRules.CheckFinished(model, settings);
        }

        return model;
    }

    private void AddTenant(IMutableModel model)
    {
        // EF makes its history table by the same conventions; that one is the place's.
        if (settings.TenantColumn is not { } column || model.FindEntityType(typeof(HistoryRow)) is not null)
        {
            return;
        }

        if (settings.Kind == ContextKind.Migrations)
        {
            TenantKeys.AddTo(model, column);
        }
        else
        {
            TenantColumns.AddTo(model, column);
        }
    }

    private bool PlaceShared(IConventionEntityType entityType)
    {
        if (settings.IsForSharedTables || !entityType.IsSharedTable())
        {
            return false;
        }

        if (settings.HasSchemas && entityType.GetTableName() is not null && (entityType.BaseType is null || entityType.GetTableName() != entityType.BaseType.GetTableName()))
        {
            entityType.SetSchema(settings.SharedSchema);
        }

        if (settings.HasSchemas && entityType.GetViewName() is not null)
        {
            entityType.SetViewSchema(settings.SharedSchema);
        }

        entityType.SetIsTableExcludedFromMigrations(true);
        return true;
    }
}
