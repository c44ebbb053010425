using Freehold.Core.Data.Session;
using Freehold.Core.Placement;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Audit;

/// <summary>Decides what crosses from tenant to tenant, and sees to it that it is recorded: before it happens, or with the refusal.</summary>
internal sealed class TenantCrossings(TenantAudit audit, TenantPlacer placer, IOptions<MultiTenancyOptions> options)
{
    /// <summary>A refusal, recorded.</summary>
    public TenantMismatchException Refused(TenantMismatchException refusal, string doing)
    {
        audit.Record(new(TenantAuditKind.ContextCrossed, TenantAuditOutcome.Refused, audit.Now, doing)
        {
            TenantId = refusal.Actual,
            OtherTenantId = refusal.TenantId,
        });
        return refusal;
    }

    /// <summary>Something of <paramref name="own"/> while <paramref name="ambient"/> is current.</summary>
    /// <returns>The scope that allows it.</returns>
    /// <param name="own">Whose it is.</param>
    /// <param name="ambient">Who is current.</param>
    /// <param name="doing">What is being done.</param>
    /// <param name="recorded">The scope in which it was recorded before.</param>
    /// <exception cref="TenantMismatchException">Nothing allows it.</exception>
    public AdminScope Cross(Tenant own, Tenant ambient, string doing, AdminScope? recorded = null)
    {
        if (AdminScope.Current is not { } admin)
        {
            throw Refused(new(own.Id.Value, ambient.Id.Value, doing), doing);
        }

        if (!ReferenceEquals(admin, recorded))
        {
            audit.Record(new(TenantAuditKind.ContextCrossed, TenantAuditOutcome.Allowed, audit.Now, doing)
            {
                TenantId = ambient.Id.Value,
                OtherTenantId = own.Id.Value,
                Reason = admin.Reason,
            });
        }

        return admin;
    }

    /// <summary>A query, or SQL of which a user wrote a part.</summary>
    /// <exception cref="TenantMismatchException">It reaches for another tenant, and that is refused.</exception>
    public void Check(SqlTemplate template, bool isUserSql, Tenant tenant, ResolvedPlacement placement)
    {
        if (template.IgnoresFilters)
        {
            Found(TenantAuditKind.FiltersIgnored, "A query that ignores the filters of its model", template, tenant, placement);
        }

        if (!isUserSql)
        {
            return;
        }

        // What mentions neither is not read: most SQL that comes anew every time.
        if (template.Mentions(TenantSetting.Name) && template.SetsTenant)
        {
            Found(TenantAuditKind.SessionChanged, $"SQL that sets {TenantSetting.Name}", template, tenant, placement);
        }

        if (!placer.MayBeNamedIn(template.Mentions))
        {
            return;
        }

        foreach (var schema in template.Schemas)
        {
            if (schema != placement.Schema && placer.OwnerOf(schema) is { } other && other != tenant.Id)
            {
                Found(TenantAuditKind.SchemaNamed, $"SQL that names the schema '{schema}'", template, tenant, placement, other);
            }
        }
    }

    private void Found(TenantAuditKind kind, string what, SqlTemplate template, Tenant tenant, ResolvedPlacement placement, TenantId? other = null)
    {
        var admin = AdminScope.Current;
        var outcome = admin is not null ? TenantAuditOutcome.Allowed
            : options.Value.CrossTenantDetection == CrossTenantDetection.Refuse ? TenantAuditOutcome.Refused
            : TenantAuditOutcome.Reported;
        audit.Record(new(kind, outcome, audit.Now, what)
        {
            TenantId = tenant.Id.Value,
            OtherTenantId = other?.Value,
            Reason = admin?.Reason,
            Statement = SqlNames.WithoutValues(template.For(placement.QuotedSchema ?? "")),
        });
        if (outcome == TenantAuditOutcome.Refused)
        {
            throw new TenantMismatchException(other?.Value ?? TenantMismatchException.Anybody, tenant.Id.Value, what);
        }
    }
}
