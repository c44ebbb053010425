using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace Freehold.Integrations.Hangfire.Tests;

public sealed class InMemorySignatureTests : SignatureTests
{
    protected override Task<JobStorage> CreateStorageAsync() => Task.FromResult(JobStorages.InMemory());
}

[Collection(nameof(OnPostgres))]
public sealed class PostgresSignatureTests : SignatureTests
{
    protected override Task<JobStorage> CreateStorageAsync() => JobStorages.PostgresAsync("signatures");
}

/// <summary>Signed tenants: whoever writes to the storage without the key forges none. Here by the storage's own API, which every storage has.</summary>
public abstract class SignatureTests : IAsyncLifetime
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    private readonly LogRecorder _logs = new();
    private JobsHost _host = null!;

    protected abstract Task<JobStorage> CreateStorageAsync();

    public async ValueTask InitializeAsync() => _host = await SignedHost.StartAsync(await CreateStorageAsync(), _logs);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _host.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public async Task A_job_of_plain_arguments_and_one_of_objects_run_in_their_tenant()
    {
        var (plain, filled) = (_host.Visits.Plan(), _host.Visits.Plan());
        var order = new Order(filled.Id, [new("ä\"\\\u2028", 1.10m)], DateTime.Now, null);

        _host.CreateIn("acme", client => client.Enqueue<PaidJob>(job => job.RunPlainAsync(plain.Id, "ä\"\\", -7, DayOfWeek.Friday, null, default)));
        _host.CreateIn("globex", client => client.Enqueue<PaidJob>(job => job.RunAsync(order, 0.1, DateTimeOffset.Now, default)));

        await plain.ShouldHaveSeenOnlyAsync("acme");
        await filled.ShouldHaveSeenOnlyAsync("globex");
    }

    [Theory]
    [InlineData("unsigned")]
    [InlineData("of another tenant")]
    [InlineData("malformed")]
    [InlineData("of an unknown key")]
    [InlineData("copied from another job")]
    [InlineData("no text")]
    public async Task A_forged_job_is_refused_once_is_seen_and_runs_when_it_is_mended_and_requeued(string forgery)
    {
        var visit = _host.Visits.Plan();
        var job = _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(visit.Id), Never));
        var (tenant, signature) = (Parameter(job, TenantHeader.Name), Parameter(job, TenantHeader.Signature));
        Forge(job, forgery);

        _host.Client.Requeue(job);
        await ShouldBeRefusedAsync(job);
        visit.Runs.ShouldBe(0);

        SetParameters(job, (TenantHeader.Name, tenant), (TenantHeader.Signature, signature));
        _host.Client.Requeue(job, FailedState.StateName).ShouldBeTrue();
        (await _host.ReadToEndAsync(job))[^1].Reason.ShouldBeNull();
        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task The_parameters_of_a_job_do_not_fit_one_of_other_arguments_or_of_another_method()
    {
        var (visit, other) = (_host.Visits.Plan(), _host.Visits.Plan());
        var job = _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(visit.Id), Never));
        var paid = _host.CreateIn("acme", client => client.Schedule<PaidJob>(job => job.RunAsync(new(visit.Id, null, default, null), 1, default, default), Never));

        foreach (var forged in new[]
        {
            CreateLike(job, Job.FromExpression<VisitJob>(forged => forged.RunAsync(other.Id))),
            CreateLike(job, Job.FromExpression<VisitJob>(forged => forged.RunWithoutAsync(visit.Id))),
            CreateLike(job, Job.FromExpression<FreeJob>(forged => forged.RunAsync(visit.Id))),
            CreateLike(paid, Job.FromExpression<PaidJob>(forged => forged.RunAsync(new(other.Id, null, default, null), 1, default, default))),
            CreateLike(paid, Job.FromExpression<PaidJob>(forged => forged.RunAsync(new(visit.Id, null, default, "for free"), 1, default, default))),
            CreateLike(paid, Job.FromExpression<PaidJob>(forged => forged.RunAsync(new(visit.Id, null, default, null), 0, default, default))),
        })
        {
            await ShouldBeRefusedAsync(forged);
        }

        (visit.Runs, other.Runs).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_property_that_a_deployment_adds_to_an_arguments_class_refuses_no_job_created_before()
    {
        var visit = _host.Visits.Plan();
        var job = _host.CreateIn("acme", client => client.Schedule<PaidJob>(job => job.RunGrownAsync(new() { Visit = visit.Id }), Never));

        Grown.HasGrown = true;
        _host.Client.Requeue(job);

        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task An_argument_that_gives_itself_a_new_id_each_time_it_is_read_runs()
    {
        var visit = _host.Visits.Plan();

        _host.CreateIn("acme", client => client.Enqueue<PaidJob>(job => job.RunRestlessAsync(new() { Visit = visit.Id })));

        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task Retries_and_continuations_are_believed()
    {
        var (failing, after) = (_host.Visits.Plan(_ => throw new FarSideException()), _host.Visits.Plan());
        var parent = _host.CreateIn("acme", client => client.Enqueue<FreeJob>(job => job.RunAsync(after.Id)));

        var child = _host.CreateIn(null, client => client.ContinueJobWith<VisitJob>(parent, job => job.RunAsync(failing.Id)));

        (await _host.ReadToEndAsync(child)).Count(state => state.Name == ProcessingState.StateName).ShouldBe(3);
        await failing.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public void A_forged_parent_gives_its_tenant_to_no_continuation()
    {
        var parent = _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(Guid.Empty), Never));
        SetParameters(parent, (TenantHeader.Name, "\"globex\""));

        Should.Throw<BackgroundJobClientException>(() => _host.CreateIn(null, client => client.ContinueJobWith<VisitJob>(parent, job => job.RunAsync(Guid.Empty))))
            .InnerException.ShouldBeOfType<TenantUnknownException>().TenantId.ShouldBe("globex");
    }

    [Theory]
    [InlineData("the tenant")]
    [InlineData("the job")]
    [InlineData("the id")]
    [InlineData("the signature")]
    public async Task A_forged_recurring_job_is_left_out_and_a_true_one_fires(string forgery)
    {
        var (visit, other) = (_host.Visits.Plan(), _host.Visits.Plan());
        var id = visit.Id.ToString("N");
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", id, job => job.RunAsync(visit.Id), Cron.Never());
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("globex", id, job => job.RunAsync(other.Id), Cron.Never());
        var fields = Hash($"recurring-job:acme::{id}");
        var forged = $"acme::{id}";
        switch (forgery)
        {
            case "the tenant":
                SetHash($"recurring-job:{forged}", TenantHeader.Name, "globex");
                break;
            case "the job":
                SetHash($"recurring-job:{forged}", "Job", fields["Job"].Replace(visit.Id.ToString(), other.Id.ToString(), StringComparison.Ordinal));
                break;
            case "the signature":
                SetHash($"recurring-job:{forged}", TenantHeader.Signature, "");
                break;
            default:
                forged = $"globex::{id}";
                foreach (var (name, value) in fields)
                {
                    SetHash($"recurring-job:{forged}", name, value);
                }

                break;
        }

        _host.Recurring.TriggerJob(forged).ShouldBeNull();

        _logs.Events.Where(one => one.Id == 4002).ShouldHaveSingleItem().Values["Code"].ShouldBe(TenantErrorCodes.Unknown);
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", id, job => job.RunAsync(visit.Id), Cron.Never());
        _host.Recurring.TriggerJob($"acme::{id}").ShouldNotBeNull();
        await visit.ShouldHaveSeenOnlyAsync("acme");
        other.Runs.ShouldBe(0);
    }

    [Fact]
    public async Task A_forged_definition_for_each_tenant_creates_no_job()
    {
        var (visit, other) = (_host.Visits.Plan(), _host.Visits.Plan());
        var id = visit.Id.ToString("N");
        _host.Recurring.AddOrUpdateForEachTenant<VisitJob>(id, job => job.RunAsync(visit.Id), Cron.Never());
        await _host.ReadToEndAsync(_host.Recurring.TriggerJob(id)!, SucceededState.StateName);
        await visit.Finished;
        var definition = Hash($"recurring-job:{id}")["Job"];
        SetHash($"recurring-job:{id}", "Job", definition.Replace(visit.Id.ToString(), other.Id.ToString(), StringComparison.Ordinal));

        var forged = _host.Recurring.TriggerJob(id)!;

        await ShouldBeRefusedAsync(forged);
        Hash("freehold:each-tenant:" + forged).ShouldBeEmpty();
        other.Runs.ShouldBe(0);
    }

    [Fact]
    public async Task Where_a_day_is_given_to_turn_signing_on_the_unsigned_run_until_then_and_the_forged_do_not()
    {
        await _host.DisposeAsync();
        _host = await SignedHost.StartAsync(await CreateStorageAsync(), _logs, signing => signing.AcceptUnsignedUntil = DateTimeOffset.UtcNow.AddDays(1));
        var (visit, paid) = (_host.Visits.Plan(), _host.Visits.Plan());
        var unsigned = _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(visit.Id), Never));
        var unsignedToo = _host.CreateIn("acme", client => client.Schedule<PaidJob>(job => job.RunAsync(new(paid.Id, null, default, null), 1, default, default), Never));
        var forged = _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(visit.Id), Never));
        SetParameters(unsigned, (TenantHeader.Signature, null));
        SetParameters(unsignedToo, (TenantHeader.Signature, null), ("tenant-signed-arguments", null));
        SetParameters(forged, (TenantHeader.Name, "\"globex\""));

        _host.Client.Requeue(forged);
        await ShouldBeRefusedAsync(forged);
        _host.Client.Requeue(unsigned);
        _host.Client.Requeue(unsignedToo);

        await visit.ShouldHaveSeenOnlyAsync("acme");
        await paid.ShouldHaveSeenOnlyAsync("acme");
    }

    private async Task ShouldBeRefusedAsync(string job)
    {
        var states = await _host.ReadToEndAsync(job);

        states.Count(state => state.Name == ProcessingState.StateName).ShouldBe(1);
        states[^1].Name.ShouldBe(FailedState.StateName);
        states[^1].Code.ShouldBe(TenantErrorCodes.Unknown);
        var refusal = _logs.Events.Where(one => one.Id == 4001 && one.Values["JobId"] == job).ShouldHaveSingleItem();
        refusal.Values["Reason"].ShouldNotBeNull().ShouldContain("is not believed");
        _logs.Events.ShouldAllBe(one => !one.Message.Contains(SignedHost.Secret, StringComparison.Ordinal));
    }

    private void Forge(string job, string forgery)
    {
        var donor = _host.CreateIn("globex", client => client.Schedule<VisitJob>(job => job.RunAsync(Guid.Empty), Never));
        (string, string?)[] forged = forgery switch
        {
            "unsigned" => [(TenantHeader.Signature, null)],
            "of another tenant" => [(TenantHeader.Name, "\"globex\"")],
            "malformed" => [(TenantHeader.Signature, "\"v1.now\"")],
            "of an unknown key" => [(TenantHeader.Signature, Parameter(job, TenantHeader.Signature)!.Replace("v1.now.", "v1.old.", StringComparison.Ordinal))],
            "no text" => [(TenantHeader.Name, "{\"acme\":")],
            _ => [(TenantHeader.Name, Parameter(donor, TenantHeader.Name)), (TenantHeader.Signature, Parameter(donor, TenantHeader.Signature))],
        };
        SetParameters(job, forged);
    }

    /// <summary>A job put into the storage past the application, with the parameters of a true one.</summary>
    private string CreateLike(string job, Job forged)
    {
        using var connection = _host.Storage.GetConnection();
        var like = new BackgroundJobClient(_host.Storage, new JobFilterProviderCollection()).Create(forged, new ScheduledState(Never));
        foreach (var name in new[] { TenantHeader.Name, TenantHeader.Signature, "tenant-signed-arguments" })
        {
            connection.SetJobParameter(like, name, connection.GetJobParameter(job, name));
        }

        _host.Client.Requeue(like);
        return like;
    }

    private string? Parameter(string job, string name)
    {
        using var connection = _host.Storage.GetConnection();
        return connection.GetJobParameter(job, name);
    }

    private void SetParameters(string job, params (string Name, string? Value)[] parameters)
    {
        using var connection = _host.Storage.GetConnection();
        foreach (var (name, value) in parameters)
        {
            connection.SetJobParameter(job, name, value);
        }
    }

    private Dictionary<string, string> Hash(string key)
    {
        using var connection = _host.Storage.GetConnection();
        return connection.GetAllEntriesFromHash(key) ?? [];
    }

    private void SetHash(string key, string name, string value)
    {
        using var connection = _host.Storage.GetConnection();
        connection.SetRangeInHash(key, [new(name, value)]);
    }
}
