using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Budget;

/// <summary>How often a tenant may come in is counted for each by itself.</summary>
public sealed class RateLimitTests
{
    private static readonly Tenant[] Tenants = [new("noisy"), new("quiet"), new("frozen") { State = TenantState.Suspended }];

    [Fact]
    public async Task Who_comes_too_often_is_refused_as_busy_and_nobody_else_is()
    {
        await using var services = Build(rate => (rate.Permits, rate.Window) = (2, TimeSpan.FromHours(1)));
        var admission = services.GetRequiredService<TenantAdmission>();
        await admission.AdmitAsync("noisy");
        await admission.AdmitAsync("noisy");

        var refusal = await Should.ThrowAsync<TenantBusyException>(async () => await admission.AdmitAsync("noisy"));
        refusal.Code.ShouldBe("TENANT_BUSY");
        refusal.IsRetryable.ShouldBeTrue();
        refusal.TenantId.ShouldBe("noisy");
        refusal.Message.ShouldContain("more than 2 times in 01:00:00 (TenantRateLimitOptions)");
        refusal.RetryAfter!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        await admission.AdmitAsync("quiet");
    }

    [Fact]
    public async Task Who_is_refused_anyway_uses_nothing_up()
    {
        await using var services = Build(rate => (rate.Permits, rate.Window) = (1, TimeSpan.FromHours(1)));
        var admission = services.GetRequiredService<TenantAdmission>();
        for (var i = 0; i < 3; i++)
        {
            await Should.ThrowAsync<TenantSuspendedException>(async () => await admission.AdmitAsync("frozen"));
        }
    }

    [Fact]
    public async Task Who_may_queue_waits_for_the_next_window_and_gives_up_when_told_to()
    {
        var window = new Window();
        await using var services = Build(rate => rate.PartitionBy = tenant => RateLimitPartition.Get(tenant.Id.Value, _ => window));
        var admission = services.GetRequiredService<TenantAdmission>();
        using var cancelling = new CancellationTokenSource();
        var gone = admission.AdmitAsync("noisy", cancelling.Token).AsTask();
        var waiting = admission.AdmitAsync("noisy").AsTask();
        await cancelling.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);

        waiting.IsCompleted.ShouldBeFalse();
        window.Open();
        (await waiting).Id.Value.ShouldBe("noisy");
    }

    [Fact]
    public async Task A_limiter_of_ones_own_decides_by_the_tenant()
    {
        await using var services = Build(rate => rate.PartitionBy = tenant => tenant.Id.Value == "noisy"
            ? RateLimitPartition.GetFixedWindowLimiter("noisy", _ => new() { PermitLimit = 1, Window = TimeSpan.FromHours(1) })
            : RateLimitPartition.GetNoLimiter("others"));
        var admission = services.GetRequiredService<TenantAdmission>();
        await admission.AdmitAsync("noisy");
        (await Should.ThrowAsync<TenantBusyException>(async () => await admission.AdmitAsync("noisy"))).Message.ShouldContain("its limiter");
        for (var i = 0; i < 10; i++)
        {
            await admission.AdmitAsync("quiet");
        }
    }

    [Fact]
    public async Task A_rate_that_cannot_be_stops_the_application()
    {
        foreach (var configure in new Action<TenantRateLimitOptions>[] { rate => rate.Permits = 0, rate => rate.Window = TimeSpan.Zero, rate => rate.Queue = -1 })
        {
            await using var services = Build(configure);
            Should.Throw<MultiTenancyConfigurationException>(() => services.GetServices<IStartupCheck>().ToList().ForEach(check => check.Run()))
                .Message.ShouldContain("TenantRateLimitOptions");
        }
    }

    [Theory]
    [InlineData("PerServer")]
    [InlineData("PerTenant")]
    [InlineData("Reserve")]
    [InlineData("WaitLimit")]
    [InlineData("Servers")]
    public async Task Limits_of_connections_that_cannot_be_stop_the_application(string setting)
    {
        var services = new ServiceCollection().AddMultiTenancy(tenancy => tenancy.UseNpgsql("Host=localhost;Database=x").LimitConnections(limits =>
        {
            limits.PerServer = setting == "PerServer" ? 0 : 5;
            limits.PerTenant = setting == "PerTenant" ? 0 : 5;
            limits.Reserve = setting == "Reserve" ? -1 : 5;
            limits.WaitLimit = setting == "WaitLimit" ? TimeSpan.Zero : TimeSpan.FromSeconds(1);
            limits.Servers[setting == "Servers" ? "mars" : "default"] = 3;
        }));
        await using var built = services.BuildServiceProvider();
        Should.Throw<MultiTenancyConfigurationException>(() => built.GetServices<IStartupCheck>().ToList().ForEach(check => check.Run()))
            .Message.ShouldContain(setting);
    }

    private static ServiceProvider Build(Action<TenantRateLimitOptions> configure) =>
        new ServiceCollection().AddMultiTenancy(tenancy => tenancy.UseTenants(Tenants).LimitRate(configure)).BuildServiceProvider();

    /// <summary>Lets everybody wait until it is opened.</summary>
    private sealed class Window : RateLimiter
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override TimeSpan? IdleDuration => null;

        public void Open() => _open.SetResult();

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
        {
            await _open.Task.WaitAsync(cancellationToken);
            return new Lease();
        }

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => throw new NotSupportedException();

        private sealed class Lease : RateLimitLease
        {
            public override bool IsAcquired => true;

            public override IEnumerable<string> MetadataNames => [];

            public override bool TryGetMetadata(string metadataName, out object? metadata)
            {
                metadata = null;
                return false;
            }
        }
    }
}
