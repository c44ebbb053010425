using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests;

public sealed class InMemoryJobTests : JobTests
{
    protected override Task<JobStorage> CreateStorageAsync() => Task.FromResult(JobStorages.InMemory());
}

[Collection(nameof(OnPostgres))]
public sealed class PostgresJobTests : JobTests
{
    protected override Task<JobStorage> CreateStorageAsync() => JobStorages.PostgresAsync("jobs");
}

/// <summary>What jobs are but messages are not: delayed, continued, repeated, requeued by hand.</summary>
public abstract class JobTests : IAsyncLifetime
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    private JobsHost _host = null!;

    protected abstract Task<JobStorage> CreateStorageAsync();

    public async ValueTask InitializeAsync() => _host = await JobsHost.StartWithTenantsAsync(await CreateStorageAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_delayed_job_runs_in_the_tenant_it_was_created_in()
    {
        var visit = _host.Visits.Plan();

        _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(visit.Id), TimeSpan.FromMilliseconds(200)));

        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Theory]
    [InlineData("acme", "globex", "globex")]
    [InlineData("acme", null, "acme")]
    [InlineData(null, "globex", "globex")]
    public async Task A_continuation_has_the_tenant_of_who_registered_it_or_else_its_parents(string? parents, string? registering, string expected)
    {
        var (first, second) = (_host.Visits.Plan(), _host.Visits.Plan());
        var parent = _host.CreateIn(parents, client => client.Schedule<FreeJob>(job => job.RunAsync(first.Id), Never));
        _host.CreateIn(registering, client => client.ContinueJobWith<VisitJob>(parent, job => job.RunAsync(second.Id)));

        _host.Client.Requeue(parent);

        await first.ShouldHaveSeenOnlyAsync(parents);
        await second.ShouldHaveSeenOnlyAsync(expected);
    }

    [Fact]
    public async Task A_continuation_registered_after_its_parent_ended_has_its_tenant_too()
    {
        var (first, second) = (_host.Visits.Plan(), _host.Visits.Plan());
        var parent = _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(first.Id)));
        await _host.ReadToEndAsync(parent);

        _host.CreateIn(null, client => client.ContinueJobWith<VisitJob>(parent, job => job.RunAsync(second.Id)));

        await second.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public void A_continuation_of_a_job_without_tenant_registered_outside_any_is_refused()
    {
        var parent = _host.CreateIn(null, client => client.Schedule<FreeJob>(job => job.RunAsync(Guid.Empty), Never));

        Should.Throw<BackgroundJobClientException>(() => _host.CreateIn(null, client => client.ContinueJobWith<VisitJob>(parent, job => job.RunAsync(Guid.Empty))))
            .InnerException.ShouldBeOfType<TenantMissingException>();
    }

    [Fact]
    public async Task A_job_whose_tenant_was_deleted_fails_once_and_runs_when_requeued_after_it_came_back()
    {
        var visit = _host.Visits.Plan();
        var registry = _host.Services.GetRequiredService<ITenantRegistry>();
        var job = _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(visit.Id), Never));
        await registry.RemoveAsync(TenantId.Parse("acme"), TestContext.Current.CancellationToken);

        _host.Client.Requeue(job);
        var refused = await _host.ReadToEndAsync(job);

        refused.Count(state => state.Name == ProcessingState.StateName).ShouldBe(1);
        refused[^1].Name.ShouldBe(FailedState.StateName);
        refused[^1].Code.ShouldBe(TenantErrorCodes.Unknown);
        refused[^1].Reason.ShouldNotBeNull().ShouldContain("There is no tenant 'acme'");
        visit.Runs.ShouldBe(0);

        await registry.AddAsync(new Tenant("acme"), TestContext.Current.CancellationToken);
        _host.Client.Requeue(job, FailedState.StateName).ShouldBeTrue();

        (await _host.ReadToEndAsync(job))[^1].Name.ShouldBe(SucceededState.StateName);
        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task A_refused_job_is_among_the_failed_ones_that_an_operator_sees()
    {
        var job = _host.CreateIn("nobody", client => client.Enqueue<VisitJob>(job => job.RunAsync(Guid.Empty)));
        await _host.ReadToEndAsync(job);

        // The job is locked while its state changes: this waits for the change that was just announced.
        _host.Client.ChangeState(job, new EnqueuedState(), "no such state").ShouldBeFalse();

        var failed = _host.Storage.GetMonitoringApi().FailedJobs(0, 1000).Single(one => one.Key == job).Value;
        failed.ExceptionType.ShouldBe(typeof(TenantUnknownException).FullName);
        failed.ExceptionMessage.ShouldContain("nobody");
        failed.Reason.ShouldStartWith(TenantErrorCodes.Unknown);
    }

    [Fact]
    public async Task Every_attempt_of_a_failing_job_runs_in_its_tenant()
    {
        var visit = _host.Visits.Plan(_ => throw new FarSideException());

        var job = _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));
        var states = await _host.ReadToEndAsync(job);

        states[^1].Name.ShouldBe(FailedState.StateName);
        states[^1].Code.ShouldBeNull();
        visit.Runs.ShouldBe(3);
        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task The_workers_thread_keeps_nothing_of_a_job()
    {
        var (done, failing) = (_host.Visits.Plan(), _host.Visits.Plan(_ => throw new FarSideException()));
        var jobs = new[]
        {
            _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(done.Id))),
            _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(failing.Id))),
            _host.CreateIn("nobody", client => client.Enqueue<VisitJob>(job => job.RunAsync(done.Id))),
        };

        var states = await Task.WhenAll(jobs.Select(job => _host.ReadToEndAsync(job)));

        states.SelectMany(each => each).Where(state => state.Name != EnqueuedState.StateName || state.Reason is not null)
            .ShouldAllBe(state => state.TenantOfThread == null);
        done.Runs.ShouldBe(1);
        failing.Runs.ShouldBe(3);
    }

    [Fact]
    public async Task The_parameter_holds_the_id_and_nothing_else()
    {
        var visit = _host.Visits.Plan();
        var job = _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));
        await visit.Finished;

        using var connection = _host.Storage.GetConnection();

        connection.GetJobParameter(job, TenantHeader.Name).ShouldBe("\"acme\"");
    }
}
