using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire.Tests;

public sealed class InMemoryRecurringJobTests : RecurringJobTests
{
    protected override Task<JobStorage> CreateStorageAsync() => Task.FromResult(JobStorages.InMemory());
}

[Collection(nameof(OnPostgres))]
public sealed class PostgresRecurringJobTests : RecurringJobTests
{
    protected override Task<JobStorage> CreateStorageAsync() => JobStorages.PostgresAsync("recurring");
}

/// <summary>Recurring jobs of one tenant, and of each in the list when they fire.</summary>
public abstract class RecurringJobTests : IAsyncLifetime
{
    private readonly LogRecorder _logs = new();
    private readonly string _id = Guid.NewGuid().ToString("N");
    private JobsHost _host = null!;

    protected abstract Task<JobStorage> CreateStorageAsync();

    public async ValueTask InitializeAsync() => _host = await JobsHost.StartWithTenantsAsync(
        await CreateStorageAsync(), services => services.AddSingleton<ILoggerFactory>(new LoggerFactory([_logs])));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _host.Recurring.RemoveIfExists(_id);
        _host.Recurring.RemoveTenantJobs("acme");
        _host.Recurring.RemoveTenantJobs("globex");
        await _host.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public async Task A_tenants_recurring_job_fires_by_its_clock_in_its_tenant()
    {
        var visit = _host.Visits.Plan();

        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", _id, job => job.RunAsync(visit.Id), "* * * * * *");

        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task Two_tenants_may_have_recurring_jobs_of_one_id()
    {
        var (acmes, globexs) = (_host.Visits.Plan(), _host.Visits.Plan());
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", _id, job => job.RunAsync(acmes.Id), Cron.Never());
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("globex", _id, job => job.RunAsync(globexs.Id), Cron.Never());

        _host.Recurring.Trigger($"acme::{_id}");
        _host.Recurring.Trigger($"globex::{_id}");

        await acmes.ShouldHaveSeenOnlyAsync("acme");
        await globexs.ShouldHaveSeenOnlyAsync("globex");
    }

    [Fact]
    public async Task While_a_tenant_is_gone_or_suspended_its_recurring_job_is_left_out_with_a_warning_and_no_job()
    {
        var visit = _host.Visits.Plan();
        var registry = _host.Services.GetRequiredService<ITenantRegistry>();
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", _id, job => job.RunAsync(visit.Id), Cron.Never());

        await registry.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended });
        var whileSuspended = _host.Recurring.TriggerJob($"acme::{_id}");
        await registry.RemoveAsync(TenantId.Parse("acme"));
        var whileGone = _host.Recurring.TriggerJob($"acme::{_id}");
        await registry.AddAsync(new Tenant("acme"));
        var afterwards = _host.Recurring.TriggerJob($"acme::{_id}");

        (whileSuspended, whileGone).ShouldBe((null, null));
        _logs.Events.Where(one => one.Id == 4002).Select(one => (one.Values["RecurringJobId"], one.Values["Code"]))
            .ShouldBe([($"acme::{_id}", TenantErrorCodes.Suspended), ($"acme::{_id}", TenantErrorCodes.Unknown)]);
        (await _host.ReadToEndAsync(afterwards!))[^1].Name.ShouldBe(SucceededState.StateName);
        visit.Runs.ShouldBe(1);
        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task A_tenant_suspended_after_its_recurring_job_fired_is_refused_once()
    {
        using var gate = new ManualResetEventSlim();
        var visit = _host.Visits.Plan();
        var registry = _host.Services.GetRequiredService<ITenantRegistry>();
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", _id, job => job.RunAsync(visit.Id), Cron.Never());
        var blockers = Enumerable.Range(0, 4).Select(_ => _host.Visits.Plan(_ => Task.Run(() => gate.Wait(Visit.Patience)))).ToArray();
        foreach (var blocker in blockers)
        {
            _host.CreateIn(null, client => client.Enqueue<FreeJob>(job => job.RunAsync(blocker.Id)));
        }

        var job = _host.Recurring.TriggerJob($"acme::{_id}");
        await registry.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended });
        gate.Set();
        var states = await _host.ReadToEndAsync(job!);

        states.Count(state => state.Name == ProcessingState.StateName).ShouldBe(1);
        states[^1].Name.ShouldBe(FailedState.StateName);
        states[^1].Code.ShouldBe(TenantErrorCodes.Suspended);
        visit.Runs.ShouldBe(0);
    }

    [Fact]
    public void A_tenants_recurring_jobs_are_removed_together_and_nobody_elses()
    {
        foreach (var (tenant, id) in new[] { ("acme", "a"), ("acme", "b::c"), ("acme.eu", "a"), ("globex", "acme::a") })
        {
            _host.Recurring.AddOrUpdateForTenant<VisitJob>(tenant, id, job => job.RunAsync(Guid.Empty), Cron.Never());
        }

        _host.Recurring.RemoveTenantJobs("acme").ShouldBe(2);

        RecurringIds().ShouldBe(["acme.eu::a", "globex::acme::a"], ignoreOrder: true);
        _host.Recurring.RemoveForTenant("acme.eu", "a");
        RecurringIds().ShouldBe(["globex::acme::a"]);
    }

    [Fact]
    public async Task Each_tenant_that_is_active_when_it_fires_gets_a_job_of_its_own()
    {
        var visit = _host.Visits.Plan();
        var registry = _host.Services.GetRequiredService<ITenantRegistry>();
        _host.Recurring.AddOrUpdateForEachTenant<VisitJob>(_id, job => job.RunAsync(visit.Id), Cron.Never());
        await registry.AddAsync(new Tenant("new"));
        await registry.AddAsync(new Tenant("sleeping") { State = TenantState.Suspended });
        await registry.RemoveAsync(TenantId.Parse("globex"));

        var jobs = await FanOutAsync("acme");

        jobs.Keys.ShouldBe(["acme", "new"], ignoreOrder: true);
        foreach (var job in jobs.Values)
        {
            (await _host.ReadToEndAsync(job))[^1].Name.ShouldBe(SucceededState.StateName);
        }

        visit.Sightings.Where(sighting => sighting.Where == "constructed").Select(sighting => sighting.Tenant).ShouldBe(["acme", "new"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_definition_for_each_tenant_fires_by_its_clock()
    {
        var acmes = new TaskCompletionSource();
        var visit = _host.Visits.Plan(_ =>
        {
            acmes.TrySetResult();
            return Task.CompletedTask;
        });

        _host.Recurring.AddOrUpdateForEachTenant<VisitJob>(_id, job => job.RunAsync(visit.Id), "* * * * * *");

        await acmes.Task.WaitAsync(Visit.Patience);
        visit.Sightings.ShouldAllBe(sighting => sighting.Tenant == "acme" || sighting.Tenant == "globex");
    }

    [Fact]
    public async Task One_tenants_failing_job_is_retried_by_itself()
    {
        var visit = _host.Visits.Plan(_ => _host.Services.GetRequiredService<ITenantContext>().Required.Id.Value == "acme"
            ? throw new FarSideException()
            : Task.CompletedTask);
        _host.Recurring.AddOrUpdateForEachTenant<VisitJob>(_id, job => job.RunAsync(visit.Id), Cron.Never());

        var jobs = await FanOutAsync(null);
        var (acmes, globexs) = (await _host.ReadToEndAsync(jobs["acme"]), await _host.ReadToEndAsync(jobs["globex"]));

        (acmes[^1].Name, globexs[^1].Name).ShouldBe((FailedState.StateName, SucceededState.StateName));
        acmes.Count(state => state.Name == ProcessingState.StateName).ShouldBe(3);
        globexs.Count(state => state.Name == ProcessingState.StateName).ShouldBe(1);
    }

    [Fact]
    public async Task A_tenant_whose_job_cannot_be_created_keeps_no_other_from_theirs_and_gets_it_at_the_next_attempt()
    {
        var visit = _host.Visits.Plan();
        _host.Recurring.AddOrUpdateForEachTenant<StumblingJob>(_id, job => job.RunAsync(visit.Id), Cron.Never());
        StumblingJob.StumbleOnceFor(visit.Id, "acme");

        var fired = _host.Recurring.TriggerJob(_id)!;
        var states = await _host.ReadToEndAsync(fired, until: ScheduledState.StateName);
        JobsOf(fired).Keys.ShouldBe(["globex"]);
        _host.Client.Requeue(fired);
        await _host.ReadToEndAsync(fired);

        states[^1].Reason.ShouldNotBeNull().ShouldContain("No job was created");
        var jobs = JobsOf(fired);
        jobs.Keys.ShouldBe(["acme", "globex"], ignoreOrder: true);
        foreach (var job in jobs.Values)
        {
            (await _host.ReadToEndAsync(job))[^1].Name.ShouldBe(SucceededState.StateName);
        }

        visit.Runs.ShouldBe(2);
    }

    [Fact]
    public async Task Run_again_a_fan_out_gives_nobody_a_second_job()
    {
        var visit = _host.Visits.Plan();
        _host.Recurring.AddOrUpdateForEachTenant<VisitJob>(_id, job => job.RunAsync(visit.Id), Cron.Never());
        var fired = _host.Recurring.TriggerJob(_id)!;
        await _host.ReadToEndAsync(fired);
        var jobs = JobsOf(fired);

        _host.Client.Requeue(fired);
        await _host.ReadToEndAsync(fired);

        JobsOf(fired).ShouldBe(jobs);
        foreach (var job in jobs.Values)
        {
            await _host.ReadToEndAsync(job);
        }

        visit.Runs.ShouldBe(2);
    }

    [Fact]
    public void Naming_a_tenants_recurring_job_does_not_give_its_tenant_to_a_job()
    {
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", _id, job => job.RunAsync(Guid.Empty), Cron.Never());

        Should.Throw<BackgroundJobClientException>(() => _host.Client.Create(
            Job.FromExpression<VisitJob>(job => job.RunAsync(Guid.Empty)),
            new EnqueuedState(),
            new Dictionary<string, object> { ["RecurringJobId"] = $"acme::{_id}" })).InnerException.ShouldBeOfType<TenantMissingException>();
    }

    [Fact]
    public void An_id_that_no_tenant_can_have_is_refused() =>
        Should.Throw<InvalidTenantIdException>(() =>
            _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme::x", _id, job => job.RunAsync(Guid.Empty), Cron.Never()));

    [Fact]
    public void A_storage_of_no_application_with_tenants_is_refused_with_the_remedy()
    {
        using var storage = (IDisposable)JobStorages.InMemory();
        var jobs = new RecurringJobManager((JobStorage)storage);

        Should.Throw<MultiTenancyConfigurationException>(() => jobs.AddOrUpdateForEachTenant<VisitJob>(_id, job => job.RunAsync(Guid.Empty), Cron.Never()))
            .Message.ShouldContain("UseMultiTenancy");
    }

    private async Task<Dictionary<string, string>> FanOutAsync(string? triggeringTenant)
    {
        var fired = _host.CreateIn(triggeringTenant, _ => _host.Recurring.TriggerJob(_id)!);
        (await _host.ReadToEndAsync(fired))[^1].Name.ShouldBe(SucceededState.StateName);
        return JobsOf(fired);
    }

    private Dictionary<string, string> JobsOf(string fired)
    {
        using var connection = _host.Storage.GetConnection();
        return connection.GetAllEntriesFromHash("freehold:each-tenant:" + fired);
    }

    private IEnumerable<string> RecurringIds()
    {
        using var connection = _host.Storage.GetConnection();
        return [.. connection.GetRecurringJobs().Select(job => job.Id)];
    }
}
