namespace Freehold;

/// <summary>A tenant's record cannot be written because its id, or the place of its data, is another tenant's.</summary>
public sealed class TenantConflictException : InvalidOperationException
{
    /// <summary>For the tenant, and what it meets.</summary>
    public TenantConflictException(TenantId id, string meets)
        : base($"The record of tenant '{id}' cannot be written: {meets}. Choose another id or placement.") => TenantId = id;

    /// <summary>The tenant whose record was not written.</summary>
    public TenantId TenantId { get; }
}
