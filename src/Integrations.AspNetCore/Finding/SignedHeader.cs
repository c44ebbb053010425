using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Believes a tenant's header where tenants are not signed, or where it was signed for this request and lately.</summary>
internal sealed class SignedHeader(TenantSigner signer, TimeProvider time, IOptions<AspNetCoreMultiTenancyOptions> options)
{
    private readonly TimeSpan _maxAge = options.Value.MaxSignatureAge;

    /// <summary>Whether a signature decides here. No cache in front can check one.</summary>
    public bool Decides(HttpRequest request) => signer.IsOn && request.Headers.ContainsKey(TenantHeader.Signature);

    /// <exception cref="TenantUnknownException">It is not believed; the message says why.</exception>
    public void Verify(HttpRequest request, string tenant)
    {
        if (signer.IsOn)
        {
            signer.Verify(request, tenant, time.GetUtcNow(), _maxAge);
        }
    }
}
