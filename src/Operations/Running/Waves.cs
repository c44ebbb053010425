namespace Freehold.Operations.Running;

/// <summary>Who comes first.</summary>
internal static class Waves
{
    /// <summary>The waves, one after the other; none is empty.</summary>
    public static IReadOnlyList<IReadOnlyList<WorkUnit>> Of(IReadOnlyList<WorkUnit> units, TenantRunOptions options)
    {
        var named = options.Canaries.ToHashSet();
        var waves = new List<IReadOnlyList<WorkUnit>> { units.Where(unit => unit.Tenants.Any(tenant => named.Contains(tenant.Id))).ToArray() };
        var others = units.Except(waves[0]).ToArray();
        foreach (var tag in options.WaveTags)
        {
            WorkUnit[] tagged = [.. others.Where(unit => unit.Tenants.Any(tenant => tenant.Tags.Contains(tag)))];
            waves.Add(tagged);
            others = [.. others.Except(tagged)];
        }

        var begun = 0;
        foreach (var share in options.WavePercentages.Append(100))
        {
            var until = (int)Math.Ceiling(others.Length * share / 100.0);
            waves.Add(others[begun..until]);
            begun = until;
        }

        return [.. waves.Where(wave => wave.Count > 0)];
    }
}
