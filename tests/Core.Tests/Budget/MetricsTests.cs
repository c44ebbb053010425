using System.Diagnostics.Metrics;
using Freehold.Core.Data.Budget;
using Freehold.Core.Tests.Stores;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Tests.Budget;

/// <summary>What operators see of a full house.</summary>
public sealed class MetricsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_in_use_waiting_and_refused_are_counted_by_server_and_by_tenant_only_where_asked(bool tenantOnMetrics)
    {
        var server = $"metered-{Guid.NewGuid():N}";
        var sums = new Dictionary<string, long>();
        var tags = new HashSet<string>();
        using var listener = Listen(server, sums, tags);
        var budget = new ConnectionBudget(
            Options.Create(new ConnectionLimitOptions { PerServer = 1, PerTenant = 1, Reserve = 0, QueuePerTenant = 1 }),
            new BudgetMetrics(Options.Create(new MultiTenancyOptions { TenantOnMetrics = tenantOnMetrics })),
            new ManualTime()).Of(server, 1);
        var permit = await TakeAsync(budget);
        var waiting = TakeAsync(budget);
        await Should.ThrowAsync<TenantException>(() => TakeAsync(budget));
        sums.ShouldBe(new Dictionary<string, long>
        {
            ["freehold.connections.in_use"] = 1, ["freehold.connections.waiting"] = 1, ["freehold.connections.refused"] = 1,
        }, ignoreOrder: true);

        permit.Dispose();
        (await waiting).Dispose();
        sums["freehold.connections.in_use"].ShouldBe(0);
        sums["freehold.connections.waiting"].ShouldBe(0);
        tags.Contains("tenant.id").ShouldBe(tenantOnMetrics);
    }

    private static Task<ConnectionPermit> TakeAsync(ServerBudget budget)
    {
        using var scope = TenantScope.EnterNone();
        return budget.TakeAsync(House.Noisy, default).AsTask();
    }

    private static MeterListener Listen(string server, Dictionary<string, long> sums, HashSet<string> seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == TenantTelemetry.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, change, tags, _) =>
        {
            if (!tags.Contains(new("server", server)))
            {
                return;
            }

            sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + change;
            foreach (var tag in tags)
            {
                seen.Add(tag.Key);
            }
        });
        listener.Start();
        return listener;
    }
}
