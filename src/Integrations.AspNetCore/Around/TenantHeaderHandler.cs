using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Stamps the tenant that is ambient when a request is sent, not when its client was made.</summary>
internal sealed class TenantHeaderHandler(
    ITenantContext tenants, TenantSigner signer, TimeProvider time, TenantReceivers receivers, bool required) : DelegatingHandler
{
    public static void AddTo(HttpMessageHandlerBuilder client, IServiceProvider services, TenantReceivers receivers, bool required)
    {
        client.AdditionalHandlers.Add(new TenantHeaderHandler(
            services.GetRequiredService<ITenantContext>(),
            services.GetRequiredService<TenantSigner>(),
            services.GetRequiredService<TimeProvider>(),
            receivers,
            required));

        // Redirects are followed below all handlers of ours, with all headers but Authorization, to whatever host the answer names.
        switch (client.PrimaryHandler)
        {
            case SocketsHttpHandler { AllowAutoRedirect: true } sockets:
                sockets.AllowAutoRedirect = false;
                break;
            case HttpClientHandler { AllowAutoRedirect: true } handler:
                handler.AllowAutoRedirect = false;
                break;
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Stamp(request);
        return base.SendAsync(request, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Stamp(request);
        return base.Send(request, cancellationToken);
    }

    private void Stamp(HttpRequestMessage request)
    {
        // Also where an earlier attempt, at a host that may know it, has left its stamp.
        if (!receivers.Include(request.RequestUri))
        {
            request.Headers.Remove(TenantHeader.Name);
            HeaderSignature.Remove(request);
            return;
        }

        var tenant = (required ? tenants.Required : tenants.Current)?.Id.Value;
        if (request.Headers.TryGetValues(TenantHeader.Name, out var values))
        {
            DemandSame(request, string.Join(", ", values), tenant);
        }
        else if (tenant is not null)
        {
            request.Headers.Add(TenantHeader.Name, tenant);
        }

        if (tenant is not null && signer.IsOn)
        {
            signer.Sign(request, tenant, time.GetUtcNow());
        }
    }

    private static void DemandSame(HttpRequestMessage request, string given, string? tenant)
    {
        if (given != tenant)
        {
            throw new TenantMismatchException(
                given,
                tenant ?? "(none)",
                $"The request to {request.RequestUri?.Host} was not sent because of the header '{TenantHeader.Name}' it already has");
        }
    }
}
