using System.Diagnostics;
using System.Text.Json;
using Freehold.Integrations.HotChocolate.Caching;
using Freehold.Integrations.HotChocolate.Subscriptions;
using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>
/// First of all in a schema's pipeline: says for whom the request runs, also when that is nobody, before anything is parsed, cached or awaited together
/// with other requests. A refusal is a result here, and never an exception, which the single flight of the operation cache would share.
/// </summary>
internal sealed class TenantRequestMiddleware(
    RequestDelegate next, ITenantContext tenants, TenantAdmission admission, TenantDemand demand, TenantRefusal refusals)
{
    public async ValueTask InvokeAsync(RequestContext context)
    {
        Tenant? tenant;
        try
        {
            tenant = await FindAsync(context).ConfigureAwait(false);
            DemandSame(context.Request, tenant);
            if (tenant is null && !context.IsWarmupRequest() && demand.Of(context.Request))
            {
                throw Missing(context.Schema.Name);
            }
        }
        catch (TenantException refusal)
        {
            context.Result = refusals.Refuse(refusal, context.RequestIndex);
            return;
        }

        context.Features.Set(new TenantRequest(tenant, demand.ByDefault));
        using var entered = Enter(tenant);
        Activity.Current?.SetTag(TenantTelemetry.TenantId, tenant?.Id.Value);
        await next(context).ConfigureAwait(false);
        context.Result = context.Result switch
        {
            OperationResultBatch batch => Kept(batch, tenant),
            { } result => Kept(result, tenant),
            null => null,
        };
    }

    public static TenantScope Enter(Tenant? tenant) => tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(tenant);

    public static TenantMissingException Missing(string schema) => new(
        $"The schema '{schema}' got a request that needs a tenant, and none is current. Name one in the HTTP request (app.UseMultiTenancy()) or in "
        + "connection_init, enter one with TenantScope.Enter, or mark the resolvers of its root fields with [AllowNoTenant].");

    private static OperationResultBatch Kept(OperationResultBatch batch, Tenant? tenant)
    {
        var results = batch.Results.ConvertAll(result => Kept(result, tenant));
        if (results.SequenceEqual(batch.Results))
        {
            return batch;
        }

        var kept = new OperationResultBatch(results) { ContextData = batch.ContextData };
        kept.RegisterForCleanup(batch);
        return kept;
    }

    private static IExecutionResult Kept(IExecutionResult result, Tenant? tenant)
    {
        switch (result)
        {
            case IResponseStream stream:
                return TenantResponseStream.Keep(stream);
            case OperationResult one when tenant is not null:
                PrivateResponse.Mark(one);
                return one;
            default:
                return result;
        }
    }

    // A socket's tenant is fixed, and admitted again for each operation. Everybody else has admitted and entered theirs.
    private async ValueTask<Tenant?> FindAsync(RequestContext context) => context.Features.Get<SocketTenant>() switch
    {
        { Tenant: { } fixedTenant } => await admission.AdmitAsync(fixedTenant.Id, context.RequestAborted).ConfigureAwait(false),
        { } => null,
        null => tenants.Current,
    };

    // The items of a batch share the DataLoaders of their HTTP request: one tenant, or none of it.
    private static void DemandSame(IOperationRequest request, Tenant? tenant)
    {
        if (request.Extensions?.Document.RootElement is { ValueKind: JsonValueKind.Object } extensions
            && extensions.TryGetProperty(TenantHeader.Name, out var named)
            && (named.ValueKind != JsonValueKind.String || named.GetString() != tenant?.Id.Value))
        {
            throw new TenantMismatchException(
                named.ToString(), tenant?.Id.Value ?? "none", $"A GraphQL request names a tenant of its own in its extensions ('{TenantHeader.Name}')");
        }
    }
}
