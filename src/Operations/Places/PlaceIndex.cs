namespace Freehold.Operations.Places;

/// <summary>Whose data is where, for many tenants at once.</summary>
internal sealed class PlaceIndex
{
    private readonly Dictionary<(string Database, string? Schema), List<(TenantId Id, PlaceIdentity Place)>> _places = [];
    private readonly Dictionary<string, TenantId> _databases = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Adds a tenant, unless another one's data is in the same place already.</summary>
    /// <returns>That one; null where the place is free, or was the tenant's before.</returns>
    public TenantId? Add(TenantId id, PlaceIdentity place)
    {
        lock (_gate)
        {
            var there = Near(place).FirstOrDefault(other => other.Id != id && other.Place.Overlaps(place));
            if (there.Place is not null)
            {
                return there.Id;
            }

            if (!_places.TryGetValue((place.Database, place.Schema), out var inPlace))
            {
                _places[(place.Database, place.Schema)] = inPlace = [];
            }

            inPlace.Add((id, place));
            _databases.TryAdd(place.Database, id);
            return null;
        }
    }

    // A whole database can meet everything that is in it.
    private IEnumerable<(TenantId Id, PlaceIdentity Place)> Near(PlaceIdentity place)
    {
        if (!_databases.ContainsKey(place.Database))
        {
            return [];
        }

        return place.Schema is null
            ? _places.Where(other => other.Key.Database == place.Database).SelectMany(other => other.Value)
            : (_places.GetValueOrDefault((place.Database, place.Schema)) ?? []).Concat(_places.GetValueOrDefault((place.Database, null)) ?? []);
    }
}
