using Freehold.Core.Telemetry;

namespace Freehold;

/// <summary>
/// Work for one tenant, or for none, from <see cref="Enter"/> to <see cref="Dispose"/>. The tenant flows into everything that is awaited
/// or started inside, and keeps to it: a task started inside that outlives the scope still works for its tenant.
/// </summary>
/// <remarks>
/// Enter in the method that does the work, not in an async helper: what an async method sets is invisible to its caller.
/// Leaving restores what was there before, also when scopes are left in another order than they were entered; leaving twice is harmless.
/// </remarks>
public sealed class TenantScope : IDisposable
{
    private static readonly AsyncLocal<TenantScope?> Ambient = new();

    private readonly TenantScope? _outer;
    private readonly Tenant? _tenant;
    private readonly AdminScope? _admin;
    private TenantLogScope? _logScope;
    private volatile bool _leftEarly;

    private TenantScope(Tenant? tenant, TenantScope? outer, AdminScope? admin = null)
    {
        _tenant = tenant;
        _outer = outer;
        _admin = admin;
    }

    internal static Tenant? Current => Ambient.Value?._tenant;

    /// <summary>The innermost scope, a stretch of work that belongs to no tenant included.</summary>
    internal static TenantScope? CurrentScope => Ambient.Value;

    internal static AdminScope? CurrentAdmin => Ambient.Value?._admin;

    internal static TenantLogScope? CurrentLogScope => Ambient.Value?.LogScope;

    // One for all events of the scope, made by the first.
    private TenantLogScope? LogScope => _tenant is null ? null : _logScope ??= new TenantLogScope(_tenant.Id.Value);

    /// <summary>Enters a tenant that was admitted (<see cref="TenantAdmission"/>).</summary>
    public static TenantScope Enter(Tenant tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return Push(tenant);
    }

    /// <summary>Enters a stretch of work that belongs to no tenant: whatever was ambient is out of reach inside.</summary>
    public static TenantScope EnterNone() => Push(null);

    /// <summary>Leaves. Never throws; a second call does nothing.</summary>
    public void Dispose()
    {
        if (ReferenceEquals(Ambient.Value, this))
        {
            Ambient.Value = StillEntered(_outer);
        }
        else if (Encloses(Ambient.Value))
        {
            // Left before a scope inside it: whoever leaves that one must not come back to this.
            _leftEarly = true;
        }
    }

    /// <summary>The same tenant as before, and with it the permission to cross to others; a tenant entered inside does not have it.</summary>
    internal static TenantScope PushAdmin(AdminScope admin) => Push(Current, admin);

    private static TenantScope Push(Tenant? tenant, AdminScope? admin = null)
    {
        var scope = new TenantScope(tenant, Ambient.Value, admin);
        Ambient.Value = scope;
        return scope;
    }

    // Only scopes left out of order are skipped. One that its own flow left in order is still where a flow started inside it
    // stands: skipping it there would hand that flow the tenant around it, which is somebody else.
    private static TenantScope? StillEntered(TenantScope? scope)
    {
        while (scope is { _leftEarly: true })
        {
            scope = scope._outer;
        }

        return scope;
    }

    /// <summary>True for the scope itself and whatever was entered inside it.</summary>
    internal bool Encloses(TenantScope? scope)
    {
        while (scope is not null && !ReferenceEquals(scope, this))
        {
            scope = scope._outer;
        }

        return scope is not null;
    }
}
