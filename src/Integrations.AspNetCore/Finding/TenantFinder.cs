using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Asks every declared source which tenant a request names, and has that one admitted.</summary>
internal sealed class TenantFinder(TenantAdmission admission, IOptions<AspNetCoreMultiTenancyOptions> options)
{
    private readonly IReadOnlyList<TenantSource> _sources = options.Value.Sources;
    private readonly ISet<string> _verifiedClaims = options.Value.VerifiedClaims;

    /// <summary>The admitted tenant, or null where no source names one.</summary>
    public async ValueTask<Tenant?> FindAsync(HttpContext context)
    {
        if (await NameAsync(context).ConfigureAwait(false) is not { } named)
        {
            return null;
        }

        // Before admission, so that a user learns nothing about a tenant that is not theirs, not even whether it exists.
        TenantClaims.Verify(context.User, named, _verifiedClaims);
        return await admission.AdmitAsync(named, context.RequestAborted).ConfigureAwait(false);
    }

    private async ValueTask<string?> NameAsync(HttpContext context)
    {
        (string Id, string Source)? named = null;
        foreach (var source in _sources)
        {
            var id = await source.Resolve(context).ConfigureAwait(false);
            if (string.IsNullOrEmpty(id))
            {
                continue;
            }

            if (named is { } before && before.Id != id)
            {
                throw new TenantMismatchException(before.Id, id, $"Refused because {before.Source} and {source.Name} name different tenants");
            }

            named ??= (id, source.Name);
        }

        return named?.Id;
    }
}
