using Freehold.Contracts;
using Hangfire;
using Newtonsoft.Json;

namespace Freehold.Integrations.Hangfire.Tests;

/// <summary>Jobs by the kinds of their arguments.</summary>
[AutomaticRetry(Attempts = 2, DelaysInSeconds = [0])]
public sealed class PaidJob(FarSide farSide)
{
    public Task RunPlainAsync(Guid visit, string text, int number, DayOfWeek day, long? nothing, CancellationToken cancellationToken) => farSide.VisitAsync(visit);

    public Task RunAsync(Order order, double discount, DateTimeOffset at, CancellationToken cancellationToken) => farSide.VisitAsync(order.Visit);

    public Task RunGrownAsync(Grown grown) => farSide.VisitAsync(grown.Visit);

    public Task RunRestlessAsync(Restless restless) => farSide.VisitAsync(restless.Visit);

    public Task RunWithHiddenAsync(WithHidden hidden) => farSide.VisitAsync(hidden.Opened);
}

public sealed record Order(Guid Visit, IReadOnlyList<OrderLine>? Lines, DateTime Placed, string? Note);

public sealed record OrderLine(string Product, decimal Price);

/// <summary>A class that has a property more after a deployment.</summary>
public sealed class Grown
{
    public static bool HasGrown { get; set; }

    public Guid Visit { get; set; }

    public string? Added { get; set; }

    public static bool ShouldSerializeAdded() => HasGrown;
}

/// <summary>Differs each time it is made.</summary>
public sealed class Restless
{
    public Guid Id { get; } = Guid.NewGuid();

    public Guid Visit { get; set; }
}

/// <summary>Has something that is read from the storage and never written back: comparing what is written does not see it.</summary>
public sealed class WithHidden
{
    [JsonIgnore]
    public Guid Opened { get; private set; }

    public Guid Visit
    {
        set => Opened = value;
    }
}
