using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests;

/// <summary>What is not let in, at creation and on the server.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private JobsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await JobsHost.StartWithTenantsAsync(
        JobStorages.InMemory(),
        services =>
        {
            var store = services.Last(service => service.ServiceType == typeof(ITenantStore)).ImplementationFactory!;
            services.AddSingleton<ITenantStore>(provider => new FailingStore((ITenantStore)store(provider)));
        });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void Creating_a_job_outside_any_tenant_names_the_job_and_the_remedy()
    {
        var refusal = Should.Throw<BackgroundJobClientException>(() => _host.Client.Enqueue<VisitJob>(job => job.RunAsync(Guid.Empty)));

        refusal.InnerException.ShouldBeOfType<TenantMissingException>().Message.ShouldSatisfyAllConditions(
            message => message.ShouldContain("VisitJob.RunAsync"),
            message => message.ShouldContain("[AllowNoTenant]"));
    }

    [Fact]
    public void The_mark_on_the_method_goes_before_the_mark_on_the_class()
    {
        _host.Client.Schedule<VisitJob>(job => job.RunWithoutAsync(Guid.Empty), TimeSpan.FromDays(1)).ShouldNotBeNull();

        Should.Throw<BackgroundJobClientException>(() => _host.Client.Enqueue<FreeJob>(job => job.RunWithAsync(Guid.Empty)))
            .InnerException.ShouldBeOfType<TenantMissingException>();
    }

    [Theory]
    [InlineData("acme")]
    [InlineData(null)]
    public void A_tenant_that_is_claimed_by_parameter_and_not_entered_is_refused(string? entered)
    {
        var parameters = new Dictionary<string, object> { [TenantHeader.Name] = "globex" };

        var refusal = Should.Throw<BackgroundJobClientException>(() => _host.CreateIn(entered, client => client.Create(
            Job.FromExpression<FreeJob>(job => job.RunAsync(Guid.Empty)), new EnqueuedState(), parameters)));

        refusal.InnerException.ShouldBeOfType<TenantMismatchException>().Actual.ShouldBe("globex");
    }

    [Fact]
    public async Task A_job_created_past_the_filters_is_refused_on_the_server_unless_it_may_lack_a_tenant()
    {
        var visit = _host.Visits.Plan();
        var unfiltered = new BackgroundJobClient(_host.Storage, new JobFilterProviderCollection());
        string refused, allowed;
        using (TenantScope.Enter(new Tenant("acme")))
        {
            refused = unfiltered.Enqueue<VisitJob>(job => job.RunAsync(visit.Id));
            allowed = unfiltered.Enqueue<FreeJob>(job => job.RunAsync(visit.Id));
        }

        var end = (await _host.ReadToEndAsync(refused))[^1];
        await _host.ReadToEndAsync(allowed);

        end.Name.ShouldBe(FailedState.StateName);
        end.Code.ShouldBe(TenantErrorCodes.Missing);
        visit.Runs.ShouldBe(1);
        await visit.ShouldHaveSeenOnlyAsync(null);
    }

    [Fact]
    public async Task A_store_that_is_down_does_not_refuse_the_job_is_retried()
    {
        var visit = _host.Visits.Plan();
        ((FailingStore)_host.Services.GetRequiredService<ITenantStore>()).FailuresLeft = 2;

        var job = _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));
        var states = await _host.ReadToEndAsync(job);

        states[^1].Name.ShouldBe(SucceededState.StateName);
        states.Count(state => state.Name == ProcessingState.StateName).ShouldBe(3);
        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task A_recurring_job_runs_for_no_tenant_whoever_triggers_it()
    {
        var visit = _host.Visits.Plan();
        _host.Recurring.AddOrUpdate<FreeJob>("nightly", job => job.RunAsync(visit.Id), Cron.Never());

        _host.CreateIn("acme", _ => _host.Recurring.TriggerJob("nightly"));

        await visit.ShouldHaveSeenOnlyAsync(null);
    }

    [Fact]
    public void A_recurring_job_that_needs_a_tenant_is_refused_whoever_triggers_it()
    {
        _host.Recurring.AddOrUpdate<VisitJob>("nightly", job => job.RunAsync(Guid.Empty), Cron.Never());

        Should.Throw<AggregateException>(() => _host.CreateIn("acme", _ => _host.Recurring.TriggerJob("nightly")))
            .InnerException.ShouldBeOfType<TenantMissingException>().Message.ShouldContain("nightly");
    }

    [Fact]
    public async Task A_recurring_job_that_fires_by_its_clock_runs_for_no_tenant()
    {
        var visit = _host.Visits.Plan();

        _host.CreateIn("acme", _ =>
        {
            _host.Recurring.AddOrUpdate<FreeJob>("every second", job => job.RunAsync(visit.Id), "* * * * * *");
            return "";
        });

        await visit.ShouldHaveSeenOnlyAsync(null);
    }

    private sealed class FailingStore(ITenantStore store) : ITenantStore
    {
        private int _failuresLeft;

        public int FailuresLeft
        {
            set => _failuresLeft = value;
        }

        public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) => Interlocked.Decrement(ref _failuresLeft) >= 0
            ? throw new TimeoutException("The store is down.")
            : store.FindAsync(id, cancellationToken);

        public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => store.ListAsync(cancellationToken);
    }
}
