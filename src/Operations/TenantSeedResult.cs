namespace Freehold;

/// <summary>What seeding did.</summary>
/// <param name="Applied">The seeds that this call applied, in their order; empty where all were applied before, or by another call at the same time.</param>
public sealed record TenantSeedResult(IReadOnlyList<TenantSeed> Applied);

/// <summary>One seed.</summary>
/// <param name="Context">The name of its DbContext type.</param>
/// <param name="Version">Its version, by which seeds are ordered.</param>
/// <param name="Name">Its name.</param>
public sealed record TenantSeed(string Context, int Version, string Name);
