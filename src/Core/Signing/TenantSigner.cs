using System.Security.Cryptography;

namespace Freehold;

/// <summary>
/// Binds a tenant to what it travels with, and tells whether what arrived is what was sent. The one place of all adapters; a singleton of the
/// container, off until <see cref="TenantSigningExtensions.SignTenants"/> is called.
/// </summary>
public sealed class TenantSigner
{
    private readonly TenantKeys _keys;
    private readonly TimeProvider _time;

    internal TenantSigner(TenantKeys keys, TimeProvider time)
    {
        _keys = keys;
        _time = time;
    }

    /// <summary>Whether tenants are signed, and have to be.</summary>
    public bool IsOn => _keys.Current is not null;

    /// <summary>The signature for a tenant, to travel as <see cref="TenantHeader.Signature"/>; null where signing is off.</summary>
    /// <param name="carrier">What it travels with.</param>
    /// <param name="tenantId">The tenant, as it is written beside the signature.</param>
    /// <param name="bound">What tells this message, job or request from all others, in an order of the adapter's; null differs from empty.</param>
    public string? Sign(TenantCarrier carrier, string tenantId, params ReadOnlySpan<string?> bound)
    {
        ArgumentNullException.ThrowIfNull(tenantId);
        if (_keys.Current is not { } keys)
        {
            return null;
        }

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        TenantSignature.Compute(keys.Find(keys.SigningKey)!, carrier, tenantId, bound, mac);
        return TenantSignature.Write(keys.SigningKey, mac);
    }

    /// <summary>Does nothing where the signature is right, or signing is off.</summary>
    /// <param name="carrier">What it came with.</param>
    /// <param name="tenantId">The tenant, as it arrived.</param>
    /// <param name="signature">The signature as it arrived, or null.</param>
    /// <param name="bound">What <see cref="Sign"/> was given, read from what arrived.</param>
    /// <exception cref="TenantUnknownException">It is missing or wrong. The message says how, for the log; it names no secret.</exception>
    public void Verify(TenantCarrier carrier, string tenantId, string? signature, params ReadOnlySpan<string?> bound)
    {
        ArgumentNullException.ThrowIfNull(tenantId);
        if (_keys.Current is { } keys && Defect(keys, carrier, tenantId, signature, bound) is { } defect)
        {
            throw TenantUnknownException.NotBelieved(tenantId, defect);
        }
    }

    private string? Defect(TenantKeys.Ring keys, TenantCarrier carrier, string tenantId, string? signature, ReadOnlySpan<string?> bound)
    {
        if (string.IsNullOrEmpty(signature))
        {
            return _time.GetUtcNow() < keys.AcceptUnsignedUntil
                ? null
                : $"it came without {TenantHeader.Signature}. Let its sender call SignTenants with the same keys";
        }

        Span<byte> carried = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (!TenantSignature.TryRead(signature, out var keyId, carried))
        {
            return $"its {TenantHeader.Signature} is malformed";
        }

        if (keys.Find(keyId) is not { } secret)
        {
            return $"it was signed with the key '{keyId}', which is not among TenantSigningOptions.Keys";
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        TenantSignature.Compute(secret, carrier, tenantId, bound, expected);
        return CryptographicOperations.FixedTimeEquals(carried, expected)
            ? null
            : $"its {TenantHeader.Signature} (key '{keyId}') was made for another tenant or for something else than it came with, or with another secret";
    }
}
