using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Freehold;

/// <summary>
/// The text <c>v1.&lt;key id&gt;.&lt;HMAC-SHA-256 in Base64Url&gt;</c>. What is authenticated is every part with its length before it, so
/// that no two lists of parts read the same.
/// </summary>
internal static class TenantSignature
{
    private const string Version = "v1";
    private const int MacChars = 43;
    private const int OnStack = 1024;

    private static readonly SearchValues<char> KeyIdChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsKeyId(ReadOnlySpan<char> id) => id.Length is >= 1 and <= 32 && !id.ContainsAnyExcept(KeyIdChars);

    public static string Write(string keyId, ReadOnlySpan<byte> mac)
    {
        Span<char> encoded = stackalloc char[MacChars];
        Base64Url.EncodeToChars(mac, encoded);
        return string.Concat(Version, ".", keyId, $".{encoded}");
    }

    /// <summary>Takes a signature apart; false where it is none.</summary>
    public static bool TryRead(ReadOnlySpan<char> signature, out ReadOnlySpan<char> keyId, Span<byte> mac)
    {
        keyId = default;
        Span<Range> parts = stackalloc Range[4];
        if (signature.Length > 128 || signature.Split(parts, '.') != 3 || signature[parts[0]] is not Version || !IsKeyId(signature[parts[1]]))
        {
            return false;
        }

        var encoded = signature[parts[2]];
        keyId = signature[parts[1]];
        return encoded.Length == MacChars
            && Base64Url.DecodeFromChars(encoded, mac, out _, out var written) == OperationStatus.Done
            && written == mac.Length;
    }

    public static void Compute(byte[] secret, TenantCarrier carrier, string tenantId, ReadOnlySpan<string?> bound, Span<byte> mac)
    {
        var size = 1 + SizeOf(tenantId);
        foreach (var part in bound)
        {
            size += SizeOf(part);
        }

        var rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var text = rented is null ? stackalloc byte[OnStack] : rented;
        text[0] = (byte)carrier;
        var length = 1 + Append(text[1..], tenantId);
        foreach (var part in bound)
        {
            length += Append(text[length..], part);
        }

        HMACSHA256.HashData(secret, text[..length], mac);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int SizeOf(string? part) => sizeof(int) + Encoding.UTF8.GetMaxByteCount(part?.Length ?? 0);

    private static int Append(Span<byte> text, string? part)
    {
        var length = part is null ? -1 : Encoding.UTF8.GetBytes(part, text[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(text, length);
        return sizeof(int) + Math.Max(length, 0);
    }
}
