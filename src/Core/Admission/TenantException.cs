namespace Freehold;

/// <summary>
/// Work for a tenant was not done. The message is for operators; what a client may see is <see cref="Code"/> and the tenant's id.
/// </summary>
public abstract class TenantException : Exception
{
    private protected TenantException(string code, string? tenantId, string message, Exception? inner = null) : base(message, inner)
    {
        Code = code;
        TenantId = tenantId;
    }

    /// <summary>One of <see cref="TenantErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The id that was asked for, as it was asked for (cut to 63 characters); null where none was.</summary>
    public string? TenantId { get; }

    /// <summary>True where the same request may succeed later; false for a refusal, which no retry will change.</summary>
    public bool IsRetryable => this is TenantUnavailableException or TenantBusyException;

    /// <summary>When trying again may help, from now; null where nobody knows.</summary>
    public TimeSpan? RetryAfter { get; private protected init; }
}

/// <summary>A boundary expects a tenant and got none (<c>TENANT_MISSING</c>).</summary>
public sealed class TenantMissingException : TenantException
{
    /// <summary>With the standard message.</summary>
    public TenantMissingException() : this(
        "No tenant is current here. Name one at the boundary (header, host, message, job), enter one with TenantScope.Enter, "
        + "or mark the work as needing none with [AllowNoTenant].")
    {
    }

    /// <summary>With a message of the boundary's own.</summary>
    public TenantMissingException(string message) : base(TenantErrorCodes.Missing, null, message)
    {
    }
}

/// <summary>No tenant has this id, or whoever names it is not believed (<c>TENANT_UNKNOWN</c>).</summary>
public sealed class TenantUnknownException : TenantException
{
    /// <summary>For an id that no tenant has, or that cannot be one: <paramref name="defect"/> then says why.</summary>
    public TenantUnknownException(string tenantId, string? defect = null) : base(
        TenantErrorCodes.Unknown,
        InvalidTenantIdException.Shown(tenantId),
        $"There is no tenant '{InvalidTenantIdException.Shown(tenantId)}'{(defect is null ? "" : $": {defect}")}. "
        + "Create it in the tenant registry, or correct the id.")
    {
    }

    private TenantUnknownException(string message, string tenantId, Exception? inner)
        : base(TenantErrorCodes.Unknown, InvalidTenantIdException.Shown(tenantId), message, inner)
    {
    }

    /// <summary>For an id that may be a tenant's, but whose signature is not right; <paramref name="defect"/> says how, without any secret.</summary>
    public static TenantUnknownException NotBelieved(string tenantId, string defect) =>
        new($"The tenant '{InvalidTenantIdException.Shown(tenantId)}' is not believed: {defect}.", tenantId, null);
}

/// <summary>The tenant is suspended (<c>TENANT_SUSPENDED</c>).</summary>
public sealed class TenantSuspendedException : TenantException
{
    /// <summary>For a suspended tenant.</summary>
    public TenantSuspendedException(TenantId tenantId) : base(
        TenantErrorCodes.Suspended, tenantId.Value, $"The tenant '{tenantId}' is suspended. Activate it in the tenant registry to let its work run.")
    {
    }
}

/// <summary>Two sources name different tenants, or something of one tenant was used while another is ambient (<c>TENANT_MISMATCH</c>).</summary>
public sealed class TenantMismatchException : TenantException
{
    /// <summary>For <paramref name="expected"/>, met by <paramref name="actual"/>; <paramref name="where"/> says what was being done.</summary>
    public TenantMismatchException(string expected, string actual, string where) : base(
        TenantErrorCodes.Mismatch,
        InvalidTenantIdException.Shown(expected),
        $"{where}: it belongs to tenant '{InvalidTenantIdException.Shown(expected)}', but the tenant here is '{InvalidTenantIdException.Shown(actual)}'. "
        + "Do the work inside that tenant's own scope.")
    {
        Actual = InvalidTenantIdException.Shown(actual);
    }

    /// <summary>The other tenant.</summary>
    public string Actual { get; }

    /// <summary>Stands for the tenant where it is nobody in particular that was reached for.</summary>
    internal const string Anybody = "*";
}

/// <summary>The tenant cannot be served now (<c>TENANT_UNAVAILABLE</c>): its store failed, it is being provisioned or migrated, or that failed, or its database is not there.</summary>
public sealed class TenantUnavailableException : TenantException
{
    /// <summary>For a tenant and the reason, a sentence with its remedy.</summary>
    public TenantUnavailableException(string tenantId, string reason, Exception? inner = null) : base(
        TenantErrorCodes.Unavailable,
        InvalidTenantIdException.Shown(tenantId),
        $"The tenant '{InvalidTenantIdException.Shown(tenantId)}' cannot be served: {reason}",
        inner)
    {
    }

    private TenantUnavailableException(string message) : base(TenantErrorCodes.Unavailable, null, message)
    {
    }

    /// <summary>The same for the tables that all tenants share.</summary>
    internal static TenantUnavailableException OfShared(string reason) => new($"The shared tables cannot be served: {reason}");
}

/// <summary>The tenant asks for more than its share (<c>TENANT_BUSY</c>): its connections are in use, or it calls too often.</summary>
public sealed class TenantBusyException : TenantException
{
    /// <summary>For a tenant and what of it is used up, a sentence with its remedy.</summary>
    public TenantBusyException(string tenantId, string reason, TimeSpan? retryAfter = null) : base(
        TenantErrorCodes.Busy,
        InvalidTenantIdException.Shown(tenantId),
        $"The tenant '{InvalidTenantIdException.Shown(tenantId)}' is served no faster: {reason}") => RetryAfter = retryAfter;
}
