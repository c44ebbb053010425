namespace Freehold.Contracts;

/// <summary>The tenants of every host under contract. <c>nobody</c> is not among them.</summary>
public static class ContractTenants
{
    public static IReadOnlyList<string> Numbered { get; } = [.. Enumerable.Range(1, 20).Select(number => $"t{number:00}")];

    public static IReadOnlyList<string> Active { get; } = ["acme", "globex", .. Numbered];

    public static Tenant[] All { get; } =
    [
        .. Active.Select(id => new Tenant(id)),
        new Tenant("frozen") { State = TenantState.Suspended },
    ];
}
