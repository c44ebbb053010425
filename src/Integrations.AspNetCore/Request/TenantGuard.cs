using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// Stays with a request and watches what is decided after its tenant was found: who the user is, and which endpoint runs. Wherever
/// authentication happens (its middleware, a policy of UseAuthorization, a filter of MVC), it ends in <c>HttpContext.User</c>.
/// </summary>
internal sealed class TenantGuard : IHttpAuthenticationFeature, IEndpointFeature
{
    private readonly Tenant? _tenant;
    private readonly TenantRules _rules;
    private ClaimsPrincipal? _user;
    private Endpoint? _endpoint;
    private bool _left;

    private TenantGuard(Tenant? tenant, TenantRules rules) => (_tenant, _rules) = (tenant, rules);

    public ClaimsPrincipal? User
    {
        get => _user;
        set
        {
            if (!_left && _tenant is not null)
            {
                TenantClaims.Verify(value, _tenant.Id.Value, _rules.VerifiedClaims);
            }

            _user = value;
        }
    }

    public Endpoint? Endpoint
    {
        get => _endpoint;
        set
        {
            if (!_left && value is not null)
            {
                _rules.DemandRouteWasKnown(value);
                _rules.DemandTenant(value, _tenant);
            }

            _endpoint = value;
        }
    }

    /// <summary>Whether the request is inside another UseMultiTenancy.</summary>
    public static bool IsOn(HttpContext context) => context.Features.Get<IHttpAuthenticationFeature>() is TenantGuard { _left: false };

    /// <summary>Checks the endpoint that is known by now, and watches from here.</summary>
    /// <exception cref="TenantMissingException">The endpoint needs a tenant.</exception>
    public static TenantGuard Set(HttpContext context, Tenant? tenant, TenantRules rules)
    {
        var guard = new TenantGuard(tenant, rules)
        {
            _user = context.Features.Get<IHttpAuthenticationFeature>()?.User,
            _endpoint = context.GetEndpoint(),
        };
        if (guard._endpoint is { } endpoint)
        {
            rules.DemandTenant(endpoint, tenant);
        }

        context.Features.Set<IHttpAuthenticationFeature>(guard);
        context.Features.Set<IEndpointFeature>(guard);
        return guard;
    }

    /// <summary>Watches no more. User and endpoint stay readable for what stands before UseMultiTenancy.</summary>
    public void Leave() => _left = true;
}
