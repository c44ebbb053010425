namespace QuickStart.Tour;

/// <summary>What one boundary left in one tenant's data, as found from outside.</summary>
internal sealed record Trace(string Tenant, Boundary Boundary, string Place, int Rows, string Saw);

/// <summary>What is in the tenants' data, held against what their customers ordered.</summary>
internal sealed class Evidence
{
    /// <summary>What each trading tenant sells.</summary>
    public static readonly IReadOnlyDictionary<string, Product> Shops =
        new Dictionary<string, Product> { [Tenants.Acme.Id.Value] = Tenants.AcmesAnvil, [Tenants.Globex.Id.Value] = Tenants.GlobexsAnvil };

    private readonly List<Trace> _traces = [];
    private readonly List<string> _defects = [];

    public IReadOnlyList<Trace> Traces => _traces;

    /// <summary>A sentence for everything that is not where it belongs.</summary>
    public IReadOnlyList<string> Defects => _defects;

    public int Rows => _traces.Sum(trace => trace.Rows);

    public static async Task<Evidence> GatherAsync(Outside outside, IReadOnlyList<PlacedOrder> orders, CancellationToken cancellationToken)
    {
        var evidence = new Evidence();
        string[] tenants = [.. Shops.Keys, Tenants.Initech.Id.Value];
        foreach (var boundary in Boundary.All)
        {
            var places = await outside.PlacesWithAsync(boundary.Table, cancellationToken);
            foreach (var place in places.Except(tenants.Select(outside.PlaceOf)))
            {
                evidence._defects.Add($"There is a table {boundary.Table} in {place}, which is no tenant's.");
            }
        }

        foreach (var tenant in tenants)
        {
            foreach (var boundary in Boundary.All)
            {
                var rows = await outside.ReadAsync(tenant, boundary.Table, boundary.Key, boundary.Saw, cancellationToken);
                evidence.Compare(tenant, boundary, outside, rows, orders);
            }
        }

        return evidence;
    }

    private void Compare(
        string tenant, Boundary boundary, Outside outside, IReadOnlyList<(Guid Key, string Saw)> rows, IReadOnlyList<PlacedOrder> orders)
    {
        var place = outside.TableOf(tenant, boundary.Table);
        var found = rows.ToLookup(row => row.Key, row => row.Saw);
        var own = orders.Where(order => order.Tenant == tenant).ToArray();
        foreach (var order in own)
        {
            var expected = boundary.Expected(Shops[tenant], order.Quantity);
            var saw = string.Join(", ", found[order.Id]);
            if (saw != expected)
            {
                _defects.Add(saw.Length == 0
                    ? $"{place}: there is no row of {tenant}'s order {order.Id}."
                    : $"{place}: the row of {tenant}'s order {order.Id} says '{saw}' and should say '{expected}'.");
            }
        }

        foreach (var key in found.Select(row => row.Key).Except(own.Select(order => order.Id)))
        {
            var owner = orders.FirstOrDefault(order => order.Id == key)?.Tenant ?? "nobody";
            _defects.Add($"{place}: there is a row of {owner}'s order {key} in the data of {tenant}.");
        }

        if (Shops.ContainsKey(tenant))
        {
            var saws = own.SelectMany(order => found[order.Id]).Distinct().ToArray();
            var shown = saws.Length > 2 ? $"{saws[0].Split(' ')[0]} … {saws[^1]}" : string.Join(", ", saws);
            _traces.Add(new(tenant, boundary, place, rows.Count, $"{boundary.Caption} {shown}"));
        }
    }
}
