namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>Goes with a GraphQL request.</summary>
/// <param name="Tenant">For whom it runs; null: for nobody.</param>
/// <param name="NeedsByDefault">Whether root fields that do not say need a tenant.</param>
internal sealed record TenantRequest(Tenant? Tenant, bool NeedsByDefault);
