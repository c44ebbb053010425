namespace Freehold.Operations.Drift;

/// <summary>One thing that pg_catalog says of a place.</summary>
/// <param name="Kind">What it is of.</param>
/// <param name="Name">Its name within the place; unique within the kind.</param>
/// <param name="Parent">The key of what it goes with; empty where it stands alone.</param>
/// <param name="Definition">How it is.</param>
/// <param name="Create">The statement that makes it, where it is missing.</param>
/// <param name="Change">The statement that makes it so, where it is there and different.</param>
/// <param name="Drop">The statement that removes it, where nothing is lost by that.</param>
internal sealed record CatalogFact(DriftKind Kind, string Name, string Parent, string Definition, string? Create, string? Change, string? Drop)
{
    public string Key { get; } = $"{Kind} {Name}";

    /// <summary>When it is made: after what it belongs to, such as the index of a materialised view.</summary>
    public DriftKind Stage { get; } = Kind < DriftKind.View && Parent.StartsWith($"{DriftKind.View} ", StringComparison.Ordinal) ? DriftKind.Rule : Kind;

    public bool IsPartition => Kind == DriftKind.Table && Definition.Contains(" partition of ", StringComparison.Ordinal);
}

/// <summary>What a place looks like.</summary>
/// <param name="Name">What is its own.</param>
/// <param name="Fingerprint">A hash over kinds, names and definitions, in which the schema's own name does not count.</param>
/// <param name="Facts">All of it, in the order in which it was made.</param>
internal sealed record Catalog(PlaceName Name, string Fingerprint, IReadOnlyList<CatalogFact> Facts);

