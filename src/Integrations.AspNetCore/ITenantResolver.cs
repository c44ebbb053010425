using Microsoft.AspNetCore.Http;

namespace Freehold;

/// <summary>
/// A source of tenants: reads from a request which tenant it names. Add one of your own with
/// <see cref="AspNetCoreMultiTenancyOptions.From{TResolver}"/>.
/// </summary>
/// <remarks>
/// A resolver runs before there is a tenant and only names one: whether it exists and may come in is decided
/// afterwards, by <see cref="TenantAdmission"/>.
/// </remarks>
public interface ITenantResolver
{
    /// <summary>The id the request names, or null (or empty) where this source says nothing.</summary>
    /// <exception cref="TenantMismatchException">The source contradicts itself.</exception>
    ValueTask<string?> ResolveAsync(HttpContext context);
}
