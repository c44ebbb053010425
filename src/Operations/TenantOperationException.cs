namespace Freehold;

/// <summary>An operation on a tenant was not done, or not to its end. The message is for operators and names the tenant and the remedy.</summary>
public sealed class TenantOperationException : InvalidOperationException
{
    /// <summary>For a tenant (null: the shared tables) and a sentence with its remedy.</summary>
    public TenantOperationException(TenantId? tenantId, string message, bool isRetryable = false, Exception? inner = null) : base(message, inner)
    {
        TenantId = tenantId;
        IsRetryable = isRetryable;
    }

    /// <summary>The tenant; null for the tables that all tenants share.</summary>
    public TenantId? TenantId { get; }

    /// <summary>True where the same call may succeed later with nothing changed: the tenant was busy, or its server was.</summary>
    public bool IsRetryable { get; }
}
