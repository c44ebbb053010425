using Freehold.Core.Placement;

namespace Freehold.Operations.Drift;

/// <summary>Compares a place with the reference, fact by fact, and writes the statements that make it as expected.</summary>
internal sealed class CatalogComparison
{
    // They come with the column that is made.
    private static readonly DriftKind[] OfColumns = [DriftKind.Column, DriftKind.ColumnType, DriftKind.Nullability, DriftKind.Default];

    private readonly Catalog _reference;
    private readonly Catalog _actual;
    private readonly Dictionary<string, CatalogFact> _expected;
    private readonly Dictionary<string, CatalogFact> _found;
    private readonly ILookup<string, CatalogFact> _children;
    private readonly List<DriftDifference> _differences = [];
    private readonly HashSet<CatalogFact> _drops = [];
    private readonly Dictionary<string, string> _makes = [];

    private CatalogComparison(Catalog reference, Catalog actual)
    {
        (_reference, _actual) = (reference, actual);
        _expected = reference.Facts.ToDictionary(fact => fact.Key, StringComparer.Ordinal);
        _found = actual.Facts.ToDictionary(fact => fact.Key, StringComparer.Ordinal);
        _children = reference.Facts.ToLookup(fact => fact.Parent, StringComparer.Ordinal);
        foreach (var fact in reference.Facts.Concat(actual.Facts.Where(fact => !_expected.ContainsKey(fact.Key))).OrderBy(fact => fact.Kind))
        {
            if (!IsOneSided(fact.Parent))
            {
                Compare(_expected.GetValueOrDefault(fact.Key), _found.GetValueOrDefault(fact.Key));
            }
        }
    }

    /// <summary>What differs, and a script for what can be repaired (null where nothing can).</summary>
    public static (IReadOnlyList<DriftDifference> Differences, string? RepairSql) Of(Catalog reference, Catalog actual)
    {
        var comparison = new CatalogComparison(reference, actual);
        return (comparison._differences, comparison.Script());
    }

    // What belongs to something that is not on both sides is told by that.
    private bool IsOneSided(string key) => _expected.ContainsKey(key) != _found.ContainsKey(key);

    private void Compare(CatalogFact? expected, CatalogFact? found)
    {
        // Partitions are made as time goes by; those that migrations make are expected.
        if ((expected is not null && found is not null && IsSame(expected, found)) || (expected is null && found!.IsPartition))
        {
            return;
        }

        var isRepairable = expected is null ? Drop(found!) : found is null ? Make(expected, expected.Create) : Change(expected, found);
        var either = (expected ?? found)!;
        var definition = expected is null ? null : _reference.Name.Rename(expected.Definition, _actual.Name);
        _differences.Add(new(either.Kind, either.Name, definition, found?.Definition, isRepairable));
    }

    private bool IsSame(CatalogFact expected, CatalogFact found) =>
        expected.Definition == found.Definition || _reference.Name.Neutral(expected.Definition) == _actual.Name.Neutral(found.Definition);

    private bool Drop(CatalogFact found)
    {
        if (found.Drop is null)
        {
            return false;
        }

        // What is revoked on a table is revoked on its columns, too.
        if (found is { Kind: DriftKind.Grant, Parent: not "" })
        {
            var parts = _children[found.Parent];
            foreach (var grant in parts.Concat(parts.SelectMany(part => _children[part.Key])).Where(fact => fact.Kind == DriftKind.Grant))
            {
                Make(grant, grant.Create);
            }
        }

        return _drops.Add(found);
    }

    private bool Change(CatalogFact expected, CatalogFact found) =>
        expected.Change is not null ? Add(expected, expected.Change) : expected.Create is not null && Drop(found) && Make(expected, expected.Create);

    // With what went, or would have come, with it.
    private bool Make(CatalogFact expected, string? sql)
    {
        if (sql is null)
        {
            return false;
        }

        foreach (var child in _children[expected.Key])
        {
            if (OfColumns.Contains(child.Kind))
            {
                Make(child, "");
            }
            else
            {
                Make(child, child.Create ?? child.Change);
            }
        }

        return Add(expected, sql);
    }

    private bool Add(CatalogFact fact, string sql)
    {
        _makes[fact.Key] = sql;
        return true;
    }

    private string? Script()
    {
        var drops = _actual.Facts.OrderBy(fact => fact.Stage).Where(_drops.Contains).Reverse().Select(fact => fact.Drop!);
        var makes = _reference.Facts.OrderBy(fact => fact.Stage).Select(fact => _makes.GetValueOrDefault(fact.Key, "")).Where(sql => sql.Length > 0)
            .Select(sql => _reference.Name.Rename(sql, _actual.Name));
        var statements = drops.Concat(makes).Select(sql => $"{sql.TrimEnd().TrimEnd(';')};").ToList();
        return statements.Count == 0 ? null : string.Join('\n',
        [
            "BEGIN;", $"SET LOCAL search_path TO {SqlText.Identifier(_actual.Name.Schema)};", "SET LOCAL check_function_bodies TO off;", .. statements, "COMMIT;",
        ]);
    }
}
