namespace Freehold.Core.Data.Model;

/// <summary>The three ways a DbContext type is used; each has an EF model of its own, and no more than that whatever the number of tenants.</summary>
internal enum ContextKind
{
    /// <summary>By the application, for a tenant: names carry the placeholder, and migrating is refused.</summary>
    Tenant = 0,

    /// <summary>By <c>dotnet ef</c> and when migrating: names carry no schema, the connection's search path does.</summary>
    Migrations = 1,

    /// <summary>For the tables that all tenants share.</summary>
    Shared = 2,
}
