namespace Freehold;

/// <summary>A tenant's record, as a store keeps it. Immutable: change it with <c>with</c> and write it to the registry.</summary>
/// <param name="Id">Who it is.</param>
public sealed record Tenant(TenantId Id)
{
    /// <summary>A tenant of that id: active, placed by convention.</summary>
    /// <exception cref="InvalidTenantIdException">The id breaks a rule.</exception>
    public Tenant(string id) : this(TenantId.Parse(id))
    {
    }

    /// <summary>Whether work may run for it. <see cref="TenantState.Active"/> by default.</summary>
    public TenantState State { get; init; } = TenantState.Active;

    /// <summary>Where its data is; null (the default) leaves that to the application's conventions.</summary>
    public TenantPlacement? Placement { get; init; }

    /// <summary>What it pays for, in the application's own words; for placement rules. Null by default; changing it moves no data.</summary>
    public string? Plan { get; init; }

    /// <summary>Where its data has to be, in the application's own words; for placement rules. Null by default; changing it moves no data.</summary>
    public string? Region { get; init; }

    /// <summary>Words by which operations choose tenants, such as <c>["beta", "eu"]</c>. None by default.</summary>
    public TenantTags Tags { get; init; } = TenantTags.None;

    /// <summary>
    /// At which step its provisioning or migration failed, and why; for operators, and without secrets. Null, the default, where nothing did. Written by
    /// operations, and gone when it is repaired.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>A name for people. Null by default; never used to find anything.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it is a spare, ready, and where the wanted tenant belongs.</summary>
    internal bool IsSpareFor(Tenant wanted) =>
        this is { State: TenantState.Spare, Failure: null, Placement: { } place } && wanted.Placement is { } wish && (place.Isolation, place.Server) == (wish.Isolation, wish.Server);
}
