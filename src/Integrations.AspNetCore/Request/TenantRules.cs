using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// What holds between an endpoint and a tenant. What is said closest to the code counts; said both ways in one place, a tenant is needed.
/// </summary>
internal sealed class TenantRules(IOptions<AspNetCoreMultiTenancyOptions> options)
{
    private readonly ConditionalWeakTable<Endpoint, StrongBox<bool>> _required = [];
    private readonly AspNetCoreMultiTenancyOptions _options = options.Value;

    public ISet<string> VerifiedClaims => _options.VerifiedClaims;

    public void DemandTenant(Endpoint endpoint, Tenant? tenant)
    {
        if (tenant is null && _required.GetValue(endpoint, IsRequired).Value)
        {
            throw new TenantMissingException(
                $"The endpoint '{endpoint.DisplayName}' needs a tenant and the request names none. Asked were "
                + $"{string.Join(", ", _options.Sources.Select(source => source.Name))}. "
                + "Name one there, or mark the endpoint with AllowNoTenant.");
        }
    }

    public void DemandRouteWasKnown(Endpoint lateEndpoint)
    {
        if (lateEndpoint is RouteEndpoint { RoutePattern: { } route }
            && route.Parameters.Any(parameter => _options.RouteParameters.Contains(parameter.Name)))
        {
            throw new MultiTenancyConfigurationException(PipelineOrder.RouteTooLate);
        }
    }

    private StrongBox<bool> IsRequired(Endpoint endpoint) =>
        new(SaidByController(endpoint) ?? SaidByMetadata(endpoint) ?? _options.RequireTenantByDefault);

    // Conventions of MapControllers() come after an action's own attributes in the metadata, and an attribute of a base class after
    // that of the class: in neither case is the last one the closest.
    private static bool? SaidByController(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<ControllerActionDescriptor>() is { } action
            ? TenantRequirement.Of(action.MethodInfo) ?? TenantRequirement.Of(action.ControllerTypeInfo)
            : null;

    // Groups come before what they contain, so the last one is the closest.
    private static bool? SaidByMetadata(Endpoint endpoint) =>
        endpoint.Metadata.LastOrDefault(item => item is RequireTenantAttribute or AllowNoTenantAttribute) switch
        {
            RequireTenantAttribute => true,
            AllowNoTenantAttribute => false,
            _ => null,
        };
}
