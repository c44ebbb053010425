using System.Data.Common;
using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Puts the tenant's schema into the SQL that EF writes, before the user's interceptors and the log see it, and marks commands that need
/// the tenant's session for <see cref="SessionInterceptor"/>. One exists for each context.
/// </summary>
internal sealed class TenantCommandInterceptor(TenantLease lease, TenantModelSettings settings) : DbCommandInterceptor
{
    private bool? _modelNeedsSession;

    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        lease.Guard("A command");
        if (settings.Kind != ContextKind.Migrations)
        {
            if (eventData.CommandSource == CommandSource.Migrations)
            {
                throw new MultiTenancyConfigurationException(
                    "Migrate, EnsureCreated and EnsureDeleted do not work on the contexts of an application: they would not know which tenants' tables "
                    + "to touch. Use ITenantProvisioner of Freehold.Operations.");
            }

            if (settings.HasSchemas)
            {
                result.CommandText = Rewritten(result.CommandText, eventData);
            }
        }
        else if (settings.TenantColumn is not null && lease.Tenant is not null && eventData.CommandSource != CommandSource.Migrations)
        {
            // Seeding is a tenant's, migrating is its place's.
            result.CommandText = Placeholder.TenantMark + result.CommandText;
        }

        return result;
    }

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Explain(eventData.Exception);

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Explain(eventData.Exception);
        return Task.CompletedTask;
    }

    // While migrating, a table that is not there is not news: EF asks for its history table that way.
    private void Explain(Exception failure)
    {
        if (settings.Kind != ContextKind.Migrations)
        {
            lease.Explain(failure);
        }
    }

    private string Rewritten(string sql, CommandEndEventData eventData)
    {
        var template = eventData.CommandSource switch
        {
            CommandSource.LinqQuery or CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete => SqlTemplate.Of(sql),
            _ => SqlTemplate.Once(sql),
        };

        if (eventData.CommandSource is CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete)
        {
            RefuseSharedTarget(template);
        }

        var needsSession = NeedsSession(template, eventData);
        if (settings.DetectsCrossings)
        {
            lease.Check(template, needsSession);
        }

        var mark = needsSession ? Placeholder.SessionMark : lease.NeedsSession ? Placeholder.TenantMark : "";
        return template.For(lease.Placement?.QuotedSchema ?? "", mark);
    }

    private bool NeedsSession(SqlTemplate template, CommandEndEventData eventData)
    {
        if (eventData.Context is not { } context)
        {
            // A HiLo block of the shared tables: it names its sequence with the schema.
            return false;
        }

        if (template.NeedsSession || settings.AlwaysSetsSearchPath || eventData.CommandSource is CommandSource.FromSqlQuery or CommandSource.ExecuteSqlRaw)
        {
            return true;
        }

        return _modelNeedsSession ??= context.Model.Has(ModelAnnotations.NeedsSession);
    }

    // EF writes the target right behind the verb: a tenant's table begins with its schema, so what stands before that is the verb alone.
    private void RefuseSharedTarget(SqlTemplate template)
    {
        if (settings.Kind != ContextKind.Tenant || settings.AllowsSharedWrites)
        {
            return;
        }

        var verb = template.Head.AsSpan()[(template.Head.LastIndexOf('\n') + 1)..].Trim();
        if (template.IsPlain || verb is not ("UPDATE" or "DELETE FROM"))
        {
            throw SharedWriteInterceptor.Refused("ExecuteUpdate or ExecuteDelete");
        }
    }
}
