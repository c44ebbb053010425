using Freehold.Integrations.HotChocolate.Caching;
using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>
/// Where the document that will run is known, and before anything of it is shared with other requests: asks again whether it needs a tenant (what was
/// sent along with an id need not be what runs), and names its operation.
/// </summary>
internal sealed class KnownDocumentMiddleware(RequestDelegate next, TenantDemand demand, TenantRefusal refusals, bool documentsPerTenant)
{
    public ValueTask InvokeAsync(RequestContext context)
    {
        var tenant = context.Features.Get<TenantRequest>()?.Tenant;
        if (tenant is null && !context.IsWarmupRequest()
            && context.OperationDocumentInfo.Document is { } document && demand.Of(document, context.Request.OperationName))
        {
            context.Result = refusals.Refuse(TenantRequestMiddleware.Missing(context.Schema.Name), context.RequestIndex);
            return ValueTask.CompletedTask;
        }

        SafeOperations.Name(context, tenant, documentsPerTenant);
        return next(context);
    }
}
