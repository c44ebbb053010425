namespace Freehold;

/// <summary>What happens to a query that reaches for another tenant outside an <see cref="AdminScope"/>.</summary>
public enum CrossTenantDetection
{
    /// <summary>Nothing looks at queries. The default.</summary>
    Off = 0,

    /// <summary>It runs, and an audit event tells of it.</summary>
    Report = 1,

    /// <summary>It does not run (<c>TENANT_MISMATCH</c>), and an audit event tells of it.</summary>
    Refuse = 2,
}
