namespace Freehold.Integrations.HotChocolate.Subscriptions;

/// <summary>Goes with a socket, and with each operation on it: the tenant it was opened for; null: nobody.</summary>
internal sealed record SocketTenant(Tenant? Tenant);
