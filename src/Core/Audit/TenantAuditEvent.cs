namespace Freehold;

/// <summary>Somebody crossed from one tenant to another, or tried to.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Outcome">Whether it happened.</param>
/// <param name="Time">When.</param>
/// <param name="Description">What was being done, in words; holds no value of a query.</param>
public sealed record TenantAuditEvent(TenantAuditKind Kind, TenantAuditOutcome Outcome, DateTimeOffset Time, string Description)
{
    /// <summary>The tenant for which the work ran: the ambient one, or that of the context. Null where there was none.</summary>
    public string? TenantId { get; init; }

    /// <summary>The tenant that was reached for; null where it is nobody in particular.</summary>
    public string? OtherTenantId { get; init; }

    /// <summary>The reason given to the <see cref="AdminScope"/>; null outside one.</summary>
    public string? Reason { get; init; }

    /// <summary>The SQL, for events of queries: parameters by name, and <c>?</c> for text and numbers written into it.</summary>
    public string? Statement { get; init; }
}

/// <summary>What an audit event tells of.</summary>
public enum TenantAuditKind
{
    /// <summary>An <see cref="AdminScope"/> was entered.</summary>
    AdminScopeEntered = 0,

    /// <summary>A context of one tenant was made or used while another one was current.</summary>
    ContextCrossed = 1,

    /// <summary>SQL that a user wrote names another tenant's schema.</summary>
    SchemaNamed = 2,

    /// <summary>SQL that a user wrote sets whose rows the session sees.</summary>
    SessionChanged = 3,

    /// <summary>A query ignores the filters of its model.</summary>
    FiltersIgnored = 4,
}

/// <summary>What became of it.</summary>
public enum TenantAuditOutcome
{
    /// <summary>It happened, inside an <see cref="AdminScope"/>.</summary>
    Allowed = 0,

    /// <summary>It happened outside one (<see cref="CrossTenantDetection.Report"/>).</summary>
    Reported = 1,

    /// <summary>It did not happen.</summary>
    Refused = 2,
}
