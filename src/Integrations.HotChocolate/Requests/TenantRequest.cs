namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>Goes with a GraphQL request, and says for whom it runs; null: for nobody.</summary>
internal sealed record TenantRequest(Tenant? Tenant);
