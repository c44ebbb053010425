using Freehold.Core.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold;

/// <summary>
/// Crossing tenants on purpose, from <see cref="Enter"/> to <see cref="Dispose"/>, by this flow of execution and those started in it: contexts of
/// another tenant than the current one can be made and used, and what <c>DetectCrossTenantAccess</c> finds is let pass. Entering and each crossing
/// leave an audit event with the reason.
/// </summary>
/// <remarks>
/// It changes no tenant, and a context still sees the one tenant it was made for: row-level security knows no exception. A tenant entered inside
/// (<see cref="TenantScope.Enter"/>, or a message, job or request) is not part of it. What was started inside loses it when the scope is left.
/// Enter in the method that does the work, as with <see cref="TenantScope"/>.
/// </remarks>
public sealed class AdminScope : IDisposable
{
    private TenantScope? _entered;
    private volatile bool _isLeft;

    private AdminScope(string reason) => Reason = reason;

    /// <summary>Why tenants are crossed, as it stands in every audit event.</summary>
    public string Reason { get; }

    /// <summary>The one this flow is in; null where there is none, or where it was left.</summary>
    internal static AdminScope? Current => TenantScope.CurrentAdmin is { _isLeft: false } admin ? admin : null;

    /// <summary>Enters, once the audit event is recorded.</summary>
    /// <param name="services">The application's services, or a scope's.</param>
    /// <param name="reason">Why, for whoever reads the audit: a ticket, a job, a name.</param>
    /// <exception cref="ArgumentException">There is no reason.</exception>
    public static AdminScope Enter(IServiceProvider services, string reason)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var audit = services.GetRequiredService<TenantAudit>();
        audit.Record(new(TenantAuditKind.AdminScopeEntered, TenantAuditOutcome.Allowed, audit.Now, "An admin scope was entered")
        {
            TenantId = TenantScope.Current?.Id.Value,
            Reason = reason,
        });
        var scope = new AdminScope(reason);
        scope._entered = TenantScope.PushAdmin(scope);
        return scope;
    }

    /// <summary>Leaves, for all flows that were started inside, too. Never throws; a second call does nothing.</summary>
    public void Dispose()
    {
        _isLeft = true;
        _entered?.Dispose();
    }
}
