using Freehold.Core.Data.Budget;
using Freehold.Core.Tests.Stores;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Tests.Budget;

/// <summary>A budget without a database, in time that passes when told to.</summary>
internal sealed class House
{
    public static readonly Tenant Noisy = new("noisy");
    public static readonly Tenant Quiet = new("quiet");

    private readonly ConnectionBudget _budget;

    public House(int perServer, int? perTenant = null, int reserve = 0, Action<ConnectionLimitOptions>? configure = null)
    {
        var options = new ConnectionLimitOptions { PerServer = perServer, PerTenant = perTenant ?? perServer, Reserve = reserve };
        configure?.Invoke(options);
        _budget = new(Options.Create(options), new BudgetMetrics(Options.Create(new MultiTenancyOptions())), Time);
        Server = _budget.Of("default", 100);
    }

    /// <summary>Ends in real time what waits for a permit that was lost: in the house's own time it would wait for ever.</summary>
    public CancellationToken Patience { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    public ManualTime Time { get; } = new();

    public ServerBudget Server { get; }

    public ServerBudget Other => _budget.Of("other", 100);

    /// <summary>Asks in a scope of its own, as a request does. Whoever has to wait is in the queue when this returns.</summary>
    public Task<ConnectionPermit> AskAsync(Tenant? tenant, CancellationToken cancellationToken = default)
    {
        using var scope = TenantScope.EnterNone();
        return Server.TakeAsync(tenant, cancellationToken.CanBeCanceled ? cancellationToken : Patience).AsTask();
    }

    public async Task<ConnectionPermit[]> FillAsync(Tenant tenant, int permits) =>
        await Task.WhenAll(Enumerable.Range(0, permits).Select(_ => AskAsync(tenant)));

    public Task<ConnectionPermit>[] Queue(Tenant tenant, int callers) => [.. Enumerable.Range(0, callers).Select(_ => AskAsync(tenant))];
}
