namespace Freehold;

/// <summary>Which tenants an operation is for: by default all who are active or suspended.</summary>
public sealed record TenantSelection
{
    /// <summary>All who are active or suspended.</summary>
    public static TenantSelection All { get; } = new();

    /// <summary>The ids, each of which must be on the list; null for all.</summary>
    public IReadOnlyCollection<TenantId>? Ids { get; init; }

    /// <summary>A condition besides, such as a region or a plan.</summary>
    public Func<Tenant, bool>? Where { get; init; }

    /// <summary>The ids of those left out.</summary>
    public IReadOnlyCollection<TenantId> Except { get; init; } = [];

    /// <summary>Those of these ids.</summary>
    /// <exception cref="InvalidTenantIdException">One is no id.</exception>
    public static TenantSelection Of(params string[] ids) => new() { Ids = [.. ids.Select(TenantId.Parse)] };

    /// <exception cref="TenantOperationException">One that is named is not there, or not in service.</exception>
    internal async Task<IReadOnlyList<Tenant>> FindAsync(ITenantStore store, CancellationToken cancellationToken)
    {
        var except = Except.ToHashSet();
        if (Ids is not null)
        {
            var named = new List<Tenant>();
            foreach (var id in Ids.Distinct())
            {
                named.Add(await store.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } tenant && IsServed(tenant) ? tenant : throw new TenantOperationException(
                    id, $"Tenant '{id}' is not on the list, or neither active nor suspended. Correct the selection, or provision it (ITenantProvisioner) first."));
            }

            return [.. named.Where(IsWanted)];
        }

        var tenants = new List<Tenant>();
        await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (IsServed(tenant) && IsWanted(tenant))
            {
                tenants.Add(tenant);
            }
        }

        return tenants;

        bool IsWanted(Tenant tenant) => !except.Contains(tenant.Id) && Where?.Invoke(tenant) is not false;
    }

    private static bool IsServed(Tenant tenant) => tenant.State is TenantState.Active or TenantState.Suspended;
}
