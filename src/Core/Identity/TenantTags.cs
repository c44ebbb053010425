using System.Collections;
using System.Runtime.CompilerServices;

namespace Freehold;

/// <summary>
/// Words by which tenants are chosen: <c>["beta", "eu"]</c>. A value: sorted (ordinal), each word once, equal to another with the same words. Case counts.
/// </summary>
[CollectionBuilder(typeof(TenantTags), nameof(Create))]
#pragma warning disable CA1710 // By the word that users write in a record, as Labels or Headers elsewhere.
public sealed class TenantTags : IReadOnlyCollection<string>, IEquatable<TenantTags>
#pragma warning restore CA1710
{
    /// <summary>The longest tag, in characters.</summary>
    public const int MaxLength = 63;

    private readonly string[] _sorted;

    private TenantTags(string[] sorted) => _sorted = sorted;

    /// <summary>No tags.</summary>
    public static TenantTags None { get; } = new([]);

    /// <inheritdoc />
    public int Count => _sorted.Length;

    /// <summary>Of these words, in any order; one that comes twice counts once.</summary>
    /// <exception cref="FormatException">One is no tag: 1 to 63 ASCII letters, digits and <c>- _ . :</c> make one.</exception>
    public static TenantTags Create(params ReadOnlySpan<string> tags)
    {
        if (tags.IsEmpty)
        {
            return None;
        }

        foreach (var tag in tags)
        {
            if (!IsValid(tag))
            {
                throw new FormatException(
                    $"'{InvalidTenantIdException.Shown(tag)}' cannot be a tenant's tag. Use 1 to {MaxLength} ASCII letters, digits, and - _ . : for each.");
            }
        }

        return new([.. tags.ToArray().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Whether a text can be a tag.</summary>
    public static bool IsValid(string? tag) =>
        tag is { Length: > 0 and <= MaxLength } && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':');

    /// <summary>Whether it is one of these.</summary>
    public bool Contains(string tag) => Array.BinarySearch(_sorted, tag, StringComparer.Ordinal) >= 0;

    /// <inheritdoc />
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_sorted).GetEnumerator();

    /// <inheritdoc />
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc />
    public bool Equals(TenantTags? other) => other is not null && _sorted.AsSpan().SequenceEqual(other._sorted);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as TenantTags);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var tag in _sorted)
        {
            hash.Add(tag, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>The words, with commas between them; empty without.</summary>
    public override string ToString() => string.Join(",", _sorted);
}
