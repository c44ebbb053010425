namespace Freehold.Core.Admission;

/// <summary>What the adapter of HTTP requests believes: for adapters of what comes in over the connections that requests open.</summary>
/// <param name="Header">Whether a client may name its tenant in the header <c>tenant-id</c>.</param>
/// <param name="VerifiedClaims">The claims that say which tenants an authenticated user belongs to.</param>
internal sealed record RequestTrust(bool Header, IReadOnlyCollection<string> VerifiedClaims);
