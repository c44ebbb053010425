using Freehold.Operations;

namespace Freehold;

/// <summary>Which tenants an operation is for: by default all who were provisioned and not deleted.</summary>
public sealed record TenantSelection
{
    /// <summary>All who were provisioned and not deleted.</summary>
    public static TenantSelection All { get; } = new();

    /// <summary>The ids, each of which must be on the list; null for all.</summary>
    public IReadOnlyCollection<TenantId>? Ids { get; init; }

    /// <summary>Tags, of which a tenant has at least one; empty, the default, is no condition.</summary>
    public IReadOnlyCollection<string> Tags { get; init; } = [];

    /// <summary>
    /// In which states: by default <see cref="TenantState.Active"/>, <see cref="TenantState.Suspended"/>, <see cref="TenantState.Migrating"/>,
    /// <see cref="TenantState.Spare"/> (which only migrations are for; work of other kinds passes it over) and <see cref="TenantState.Failed"/>. Those whose provisioning was
    /// not done have nothing to work on yet, and are passed over whatever this says, unless it names <see cref="TenantState.Provisioning"/>.
    /// </summary>
    public IReadOnlyCollection<TenantState> States { get; init; } =
        [TenantState.Active, TenantState.Suspended, TenantState.Migrating, TenantState.Spare, TenantState.Failed];

    /// <summary>A condition besides, such as a region or a plan.</summary>
    public Func<Tenant, bool>? Where { get; init; }

    /// <summary>The ids of those left out.</summary>
    public IReadOnlyCollection<TenantId> Except { get; init; } = [];

    /// <summary>Those of these ids.</summary>
    /// <exception cref="InvalidTenantIdException">One is no id.</exception>
    public static TenantSelection Of(params string[] ids) => new() { Ids = [.. ids.Select(TenantId.Parse)] };

    /// <param name="store">The list.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <param name="withSpares">Whether the operation is for spares, too: only migrations are.</param>
    /// <exception cref="TenantOperationException">One that is named is not there, or in another state.</exception>
    internal async Task<IReadOnlyList<Tenant>> FindAsync(ITenantStore store, CancellationToken cancellationToken, bool withSpares = false)
    {
        var except = Except.ToHashSet();
        if (Ids is not null)
        {
            var named = new List<Tenant>();
            foreach (var id in Ids.Distinct())
            {
                named.Add(await store.FindAsync(id, cancellationToken).ConfigureAwait(false) switch
                {
                    { } tenant when IsInState(tenant, withSpares) => tenant,
                    { } other => throw new TenantOperationException(
                        id, $"Tenant '{id}' is {other.State}{(other.Failure is null ? "" : $" ({other.Failure})")}, and the operation is for tenants that are "
                        + $"{string.Join(", ", States)} and were provisioned. Correct the selection, or provision it (ITenantProvisioner) first."),
                    null => throw new TenantOperationException(
                        id, $"Tenant '{id}' is not on the list of tenants. Correct the selection, or provision it (ITenantProvisioner) first."),
                });
            }

            return [.. named.Where(IsWanted)];
        }

        var tenants = new List<Tenant>();
        await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (IsInState(tenant, withSpares) && IsWanted(tenant))
            {
                tenants.Add(tenant);
            }
        }

        return tenants;

        bool IsWanted(Tenant tenant) =>
            !except.Contains(tenant.Id) && (Tags.Count == 0 || Tags.Any(tenant.Tags.Contains)) && Where?.Invoke(tenant) is not false;
    }

    private bool IsInState(Tenant tenant, bool withSpares) => States.Contains(tenant.State) && tenant.State switch
    {
        TenantState.Spare => withSpares && (tenant.Failure is null || States.Contains(TenantState.Provisioning)),
        TenantState.Failed => FailureText.IsOfMigrating(tenant) || States.Contains(TenantState.Provisioning),
        _ => true,
    };
}
