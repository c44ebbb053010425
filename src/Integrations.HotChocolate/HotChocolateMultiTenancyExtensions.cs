namespace Freehold;

/// <summary>Multi-tenancy for HotChocolate.</summary>
public static class HotChocolateMultiTenancyExtensions;
