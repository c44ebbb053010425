using Freehold.Core.Placement;

namespace Freehold.Operations.Places;

/// <summary>What an operation works on: a tenant in its place, or the shared tables (both null).</summary>
internal sealed record Site(Tenant? Tenant, ResolvedPlacement? Placement)
{
    public static readonly Site Shared = new(null, null);

    public TenantId? Id => Tenant?.Id;

    /// <summary>True where other tenants' rows are in the same tables.</summary>
    public bool IsByRow => Placement is { Isolation: Isolation.Row };

    /// <summary>True where it is nobody's yet.</summary>
    public bool IsSpare => Tenant is { State: TenantState.Spare };

    /// <summary>As it stands in the middle of a sentence.</summary>
    public override string ToString() => Tenant is null ? "the shared tables" : $"tenant '{Tenant.Id}'";

    /// <summary>An error about this site; the sentence follows "X: ".</summary>
    public TenantOperationException Refused(string sentence, bool isRetryable = false, Exception? inner = null) =>
        new(Id, $"{char.ToUpperInvariant(ToString()[0])}{ToString()[1..]}: {sentence}", isRetryable, inner);
}
