using Freehold.Processes.Host.Effects;

namespace Freehold.Processes.Tests.LongProof;

/// <summary>What is wrong with the effects of these orders.</summary>
internal static class Audit
{
    public static IReadOnlyList<string> Of(IReadOnlyList<EffectOrdered> orders, IReadOnlyList<Found> effects)
    {
        var found = effects.ToLookup(effect => effect.Key);
        var ordered = orders.ToDictionary(order => order.Key);
        return
        [
            .. effects.Where(effect => effect.In != effect.Owner).Select(effect => $"an effect of {effect.Owner} is in the schema of {effect.In}"),
            .. effects.Where(effect => !ordered.TryGetValue(effect.Key, out var order) || order.Owner != effect.Owner)
                .Select(effect => $"an effect in the schema of {effect.In} was never ordered"),
            .. orders.Where(order => !found.Contains(order.Key)).Select(order => $"an effect of {order.Owner} is lost"),
            .. found.Where(key => key.Count() > 1).Select(key => $"an effect is there {key.Count()} times, in {string.Join(", ", key.Select(effect => effect.In))}"),
        ];
    }
}
