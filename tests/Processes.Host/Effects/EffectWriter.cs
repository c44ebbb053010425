using Freehold.Contracts;

namespace Freehold.Processes.Host.Effects;

/// <summary>Works off an order in the database of whoever is the tenant here.</summary>
public sealed class EffectWriter(EffectDb database, Standstill standstill)
{
    public async Task WriteAsync(EffectOrdered order, int attempt)
    {
        await using var transaction = await database.Database.BeginTransactionAsync();
        var effect = await database.Effects.FindAsync(order.Key);
        if (effect is null)
        {
            database.Add(effect = new() { Key = order.Key, Owner = order.Owner });
        }

        effect.Runs++;
        await database.SaveChangesAsync();
        if (order.Fails && attempt == 0)
        {
            throw new FarSideException();
        }

        var place = standstill.Arrive();
        await standstill.StopAsync(place, beforeTheCommit: true);
        await transaction.CommitAsync();
        await standstill.StopAsync(place, beforeTheCommit: false);
    }
}
