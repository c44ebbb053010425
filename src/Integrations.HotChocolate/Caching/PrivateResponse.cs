using HotChocolate.Execution;
using Microsoft.Net.Http.Headers;

namespace Freehold.Integrations.HotChocolate.Caching;

/// <summary>
/// What <c>[CacheControl]</c> allows caches to keep is the tenant's: kept by its own client only, and told apart by the header that names the tenant.
/// </summary>
internal static class PrivateResponse
{
    public static void Mark(OperationResult result)
    {
        var data = result.ContextData;
        if (data.TryGetValue(ExecutionContextData.CacheControlHeaderValue, out var value) && value is CacheControlHeaderValue allowed)
        {
            // A copy: that one is the operation's, for all its requests.
            var own = CacheControlHeaderValue.Parse(allowed.ToString());
            (own.Public, own.Private, own.SharedMaxAge) = (false, true, null);
            var vary = data.TryGetValue(ExecutionContextData.VaryHeaderValue, out var others) && others is string { Length: > 0 } names
                ? $"{names}, {TenantHeader.Name}"
                : TenantHeader.Name;
            result.ContextData = data
                .SetItem(ExecutionContextData.CacheControlHeaderValue, own)
                .SetItem(ExecutionContextData.VaryHeaderValue, vary);
        }
    }
}
