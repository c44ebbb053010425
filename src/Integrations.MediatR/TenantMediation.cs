using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.MediatR;

/// <summary>The decisions of mediator and behaviors: which tenant a message runs for, whether it may run for none.</summary>
internal interface ITenantMediation
{
    Tenant? Current { get; }

    /// <summary>Whose the scope of a mediator is; null for the root, which is nobody's: a singleton's mediator serves all tenants.</summary>
    IScopeTenant? ScopeOfMediator(IServiceProvider services);

    /// <summary>True where the message may run for the ambient tenant (null: none) as it is: it names no other, and needs no more.</summary>
    bool Fits(object message, Tenant? ambient);

    /// <summary>The tenant the message runs for, admitted; null for none.</summary>
    ValueTask<Tenant?> TargetAsync(object message, Tenant? ambient, CancellationToken cancellationToken);

    /// <summary>What stands against the message inside the pipeline, or null.</summary>
    Exception? Objection(object message);
}

internal sealed partial class TenantMediation : ITenantMediation
{
    private readonly ConcurrentDictionary<Type, bool> _required = new();
    private readonly IServiceProvider _root;
    private readonly ITenantContext _tenants;
    private readonly TenantAdmission _admission;
    private readonly MediatRMultiTenancyOptions _options;
    private readonly ILogger _logger;
    private volatile bool _inFront;

    public TenantMediation(IServiceProvider root, IOptions<MediatRMultiTenancyOptions> options, ILogger<TenantMediation> logger)
    {
        _root = root;
        _tenants = root.GetService<ITenantContext>() ?? throw new MultiTenancyConfigurationException(
            "MediatR has multi-tenancy and the application has none. Call services.AddMultiTenancy(...) as well.");
        _admission = root.GetRequiredService<TenantAdmission>();
        _options = options.Value;
        _logger = logger;
    }

    public Tenant? Current => _tenants.Current;

    public IScopeTenant? ScopeOfMediator(IServiceProvider services)
    {
        _inFront = true;
        return ReferenceEquals(services, _root) ? null : services.GetRequiredService<IScopeTenant>();
    }

    public bool Fits(object message, Tenant? ambient) =>
        message is ITenantRequest { TenantId: { } named }
            ? ambient is not null && ambient.Id.Value == named
            : ambient is not null || !NeedsTenant(message.GetType());

    public ValueTask<Tenant?> TargetAsync(object message, Tenant? ambient, CancellationToken cancellationToken)
    {
        if (message is ITenantRequest { TenantId: { } named } && named != ambient?.Id.Value)
        {
            return EnteredAsync(message, named, ambient, cancellationToken);
        }

        return Fits(message, ambient) ? new(ambient) : throw Missing(message);
    }

    public Exception? Objection(object message)
    {
        if (!_inFront)
        {
            return new MultiTenancyConfigurationException(
                "Requests pass by Freehold's mediator: another IMediator was registered before AddMediatR, or MediatorImplementationType was "
                + "set after AddMultiTenancy(). Call AddMultiTenancy() last, and in the first AddMediatR.");
        }

        var ambient = Current;
        if (Fits(message, ambient))
        {
            return null;
        }

        return ambient is null ? Missing(message) : Mismatch(message, ((ITenantRequest)message).TenantId!, ambient);
    }

    private async ValueTask<Tenant?> EnteredAsync(object message, string named, Tenant? ambient, CancellationToken cancellationToken)
    {
        if (ambient is not null && !_options.AllowRequestsToCrossTenants)
        {
            throw Mismatch(message, named, ambient);
        }

        var tenant = await _admission.AdmitAsync(named, cancellationToken).ConfigureAwait(false);
        if (ambient is not null)
        {
            LogCrossing(_logger, message.GetType(), ambient.Id, tenant.Id);
        }

        return tenant;
    }

    private bool NeedsTenant(Type message) =>
        _required.GetOrAdd(message, static (type, options) => TenantRequirement.Of(type) ?? options.RequireTenant, _options);

    private static TenantMissingException Missing(object message) => new(
        $"{message.GetType()} was sent without a tenant. Send it inside TenantScope.Enter or from a boundary that resolves a tenant, let it "
        + "name its tenant (ITenantRequest), or mark it with [AllowNoTenant] if it works without one.");

    private static TenantMismatchException Mismatch(object message, string named, Tenant ambient) =>
        new(named, ambient.Id.Value, $"{message.GetType()} was not handled");

    [LoggerMessage(2101, LogLevel.Information, "{Message} crosses from tenant {From} to tenant {To}, as AllowRequestsToCrossTenants permits.")]
    private static partial void LogCrossing(ILogger logger, Type message, TenantId from, TenantId to);
}
