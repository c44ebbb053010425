using Microsoft.EntityFrameworkCore;

namespace Freehold.Operations.Tests.Models;

/// <summary>What a test wants of its seeds, and what they saw.</summary>
public sealed class SeedSwitch(ITenantContext ambient)
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    /// <summary>What the seed named so throws, after it has saved.</summary>
    public Dictionary<string, Exception> Failures { get; } = [];

    /// <summary>Whose seeds are applied.</summary>
    public TenantId Tenant => ambient.Required.Id;

    /// <summary>How often a seed ran.</summary>
    public int Runs => _runs;

    /// <summary>Ends when the first one has begun.</summary>
    public Task Started => _started.Task;

    /// <summary>What every seed waits for, while its transaction is open.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public async Task RunAsync(string seed)
    {
        Interlocked.Increment(ref _runs);
        var gate = Gate;
        _started.TrySetResult();
        await gate;
        if (Failures.TryGetValue(seed, out var failure))
        {
            throw failure;
        }
    }
}

/// <summary>Leaves what it adds to be saved.</summary>
public sealed class FirstOrder(SeedSwitch seeds) : ITenantSeed<ShopDb>
{
    public Task SeedAsync(ShopDb context, CancellationToken cancellationToken)
    {
        context.Add(new Order { Item = $"first of {seeds.Tenant}" });
        return seeds.RunAsync(nameof(FirstOrder));
    }
}

/// <summary>Uses the context that is injected, and saves.</summary>
public sealed class SecondOrder(ShopDb injected, SeedSwitch seeds) : ITenantSeed<ShopDb>
{
    public async Task SeedAsync(ShopDb context, CancellationToken cancellationToken)
    {
        injected.Add(new Order { Item = $"second of {seeds.Tenant}" });
        await context.SaveChangesAsync(cancellationToken);
        await seeds.RunAsync(nameof(SecondOrder));
    }
}

public sealed class DemoOrder : ITenantSeed<ShopDb>
{
    public async Task SeedAsync(ShopDb context, CancellationToken cancellationToken) => await context.AddAsync(new Order { Item = "demo" }, cancellationToken);
}

public sealed class OpeningBooking(SeedSwitch seeds) : ITenantSeed<LedgerDb>
{
    public async Task SeedAsync(LedgerDb context, CancellationToken cancellationToken)
    {
        if (await context.Bookings.AnyAsync(cancellationToken))
        {
            throw new InvalidOperationException("It sees what is another tenant's.");
        }

        context.Add(new Booking { Text = $"opening of {seeds.Tenant}" });
        await seeds.RunAsync(nameof(OpeningBooking));
    }
}

/// <summary>Breaks a rule of the database.</summary>
public sealed class TwiceTheSame : ITenantSeed<ShopDb>
{
    public async Task SeedAsync(ShopDb context, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        context.Add(new Order { Id = id, Item = "one" });
        await context.SaveChangesAsync(cancellationToken);
        context.ChangeTracker.Clear();
        context.Add(new Order { Id = id, Item = "two" });
    }
}
