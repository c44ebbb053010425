using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Freehold.Core.Identity;

namespace Freehold;

/// <summary>
/// The identity of a tenant: 1 to 63 characters of ASCII letters, digits and <c>- _ . ~</c>, beginning and ending with a letter or
/// digit, without <c>..</c> and none of the reserved names. These are the widest rules that survive as a schema, database, file, header
/// and host name without two ids ever meeting; <see cref="TenantNamingOptions"/> narrows them further.
/// </summary>
public readonly record struct TenantId
{
    /// <summary>The longest id, in characters (all of them one byte): PostgreSQL cuts names at 63 bytes without a word.</summary>
    public const int MaxLength = 63;

    private static readonly SearchValues<char> Inner =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~");

    private readonly string? _value;

    private TenantId(string value) => _value = value;

    /// <summary>The id as text.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(TenantId)</c>, which is nobody.</exception>
    public string Value => _value ?? throw new InvalidOperationException("default(TenantId) is no tenant's id. Use TenantId.Parse.");

    /// <summary>Reads an id.</summary>
    /// <exception cref="InvalidTenantIdException"><paramref name="text"/> breaks one of the rules; the message says which.</exception>
    public static TenantId Parse(string text) =>
        Defect(text) is { } defect ? throw new InvalidTenantIdException(text, defect) : new TenantId(text);

    /// <summary>Reads an id, or says no.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TenantId id)
    {
        var valid = Defect(text) is null;
        id = valid ? new TenantId(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => _value ?? "(none)";

    private static string? Defect(string? text) => text switch
    {
        null or "" => "it is empty",
        { Length: > MaxLength } => $"it is longer than {MaxLength} characters",
        _ when text.AsSpan().ContainsAnyExcept(Inner) => "only ASCII letters, digits and - _ . ~ are allowed",
        _ when !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1]) => "it must begin and end with a letter or digit",
        _ when text.Contains("..", StringComparison.Ordinal) => "it contains '..'",
        _ when ReservedTenantIds.Contains(text) => "the name is reserved",
        _ => null,
    };
}
