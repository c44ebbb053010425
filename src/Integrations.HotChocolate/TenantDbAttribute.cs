namespace Freehold;

/// <summary>
/// Gives a resolver's parameter a database context of its own: fresh from the pool for each invocation, bound to the tenant of the request, socket or
/// event, and returned when the field is complete, so after paging, projection, filtering and sorting of an <c>IQueryable</c> over it. In a subscribe
/// resolver it is returned when the subscription ends.
/// </summary>
/// <remarks>
/// The parameter's type is a DbContext registered with <c>AddDbContext</c> within <c>AddMultiTenancy</c>. Without a tenant the field's error has the code
/// <c>TENANT_MISSING</c>.
/// </remarks>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TenantDbAttribute : Attribute;
