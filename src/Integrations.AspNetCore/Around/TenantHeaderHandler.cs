using Microsoft.Extensions.Http;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Stamps the tenant that is ambient when a request is sent, not when its client was made.</summary>
internal sealed class TenantHeaderHandler(ITenantContext tenants, bool required) : DelegatingHandler
{
    public static void AddTo(HttpMessageHandlerBuilder client, ITenantContext tenants, bool required)
    {
        client.AdditionalHandlers.Add(new TenantHeaderHandler(tenants, required));

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
        var tenant = required ? tenants.Required : tenants.Current;
        if (request.Headers.TryGetValues(TenantHeader.Name, out var values))
        {
            var given = string.Join(", ", values);
            if (given != tenant?.Id.Value)
            {
                throw new TenantMismatchException(
                    given,
                    tenant?.Id.Value ?? "(none)",
                    $"The request to {request.RequestUri?.Host} was not sent because of the header '{TenantHeader.Name}' it already has");
            }
        }
        else if (tenant is not null)
        {
            request.Headers.Add(TenantHeader.Name, tenant.Id.Value);
        }
    }
}
