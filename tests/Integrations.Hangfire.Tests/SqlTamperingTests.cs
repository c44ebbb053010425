using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Hangfire.States;
using Npgsql;

namespace Freehold.Integrations.Hangfire.Tests;

/// <summary>Somebody with the database's password, and without the key, changes rows of the hangfire schema.</summary>
[Collection(nameof(OnPostgres))]
public sealed class SqlTamperingTests : IAsyncLifetime
{
    private const string Schema = "tampering";

    private readonly LogRecorder _logs = new();
    private JobsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SignedHost.StartAsync(await JobStorages.PostgresAsync(Schema), _logs);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _logs.Dispose();
    }

    [Theory]
    [InlineData("UPDATE jobparameter SET value = '\"globex\"' WHERE jobid = @job AND name = 'tenant-id'")]
    [InlineData("UPDATE jobparameter SET value = (SELECT value FROM jobparameter WHERE jobid = @donor AND name = 'tenant-signature') WHERE jobid = @job AND name = 'tenant-signature'")]
    [InlineData("UPDATE jobparameter SET value = donor.value FROM jobparameter donor WHERE donor.jobid = @donor AND donor.name = jobparameter.name AND jobparameter.jobid = @job")]
    [InlineData("DELETE FROM jobparameter WHERE jobid = @job AND name = 'tenant-signature'")]
    [InlineData("UPDATE job SET arguments = (SELECT arguments FROM job WHERE id = @donor) WHERE id = @job")]
    [InlineData("UPDATE job SET invocationdata = jsonb_set(invocationdata, '{Method}', '\"RunWithoutAsync\"') WHERE id = @job")]
    [InlineData("UPDATE job SET invocationdata = jsonb_set(invocationdata, '{Type}', to_jsonb(replace(invocationdata->>'Type', 'VisitJob', 'FreeJob'))) WHERE id = @job")]
    public async Task A_job_of_plain_arguments_that_was_changed_is_refused(string sql)
    {
        var (visit, others) = (_host.Visits.Plan(), _host.Visits.Plan());
        var job = _host.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(visit.Id), TimeSpan.FromDays(1)));
        var donor = _host.CreateIn("globex", client => client.Schedule<VisitJob>(job => job.RunAsync(others.Id), TimeSpan.FromDays(1)));

        await ExecuteAsync(sql, job, donor);

        await ShouldBeRefusedAsync(job);
        (visit.Runs, others.Runs).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("UPDATE jobparameter SET value = '\"globex\"' WHERE jobid = @job AND name = 'tenant-id'")]
    [InlineData("UPDATE job SET arguments = jsonb_set(arguments, '{1}', '\"0.9\"') WHERE id = @job")]
    [InlineData("UPDATE job SET arguments = jsonb_set(arguments, '{0}', to_jsonb(replace(arguments->>0, 'mine', 'yours'))) WHERE id = @job")]
    [InlineData("UPDATE jobparameter SET value = replace(value, 'mine', 'yours') WHERE jobid = @job AND name = 'tenant-signed-arguments'")]
    [InlineData("DELETE FROM jobparameter WHERE jobid = @job AND name = 'tenant-signed-arguments'")]
    public async Task A_job_of_objects_that_was_changed_is_refused(string sql)
    {
        var visit = _host.Visits.Plan();
        var job = _host.CreateIn("acme", client => client.Schedule<PaidJob>(
            job => job.RunAsync(new(visit.Id, null, DateTime.UtcNow, "mine"), 0.1, DateTimeOffset.UtcNow, default), TimeSpan.FromDays(1)));

        await ExecuteAsync(sql, job, job);

        await ShouldBeRefusedAsync(job);
        visit.Runs.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_read_from_the_storage_and_never_written_runs_as_it_was_signed()
    {
        var (visit, others) = (_host.Visits.Plan(), _host.Visits.Plan());
        var job = _host.CreateIn("acme", client => client.Schedule<PaidJob>(job => job.RunWithHiddenAsync(new() { Visit = visit.Id }), TimeSpan.FromDays(1)));
        await ExecuteAsync(
            $$"""UPDATE job SET arguments = to_jsonb(ARRAY['{"Visit":"{{others.Id}}"}']) WHERE id = @job""", job, job);

        _host.Client.Requeue(job);
        await _host.ReadToEndAsync(job);

        others.Runs.ShouldBe(0);
    }

    [Fact]
    public async Task A_recurring_job_that_was_changed_is_left_out()
    {
        var visit = _host.Visits.Plan();
        _host.Recurring.AddOrUpdateForTenant<VisitJob>("acme", "changed", job => job.RunAsync(visit.Id), Cron.Never());
        await ExecuteAsync("UPDATE hash SET value = 'globex' WHERE key = 'recurring-job:acme::changed' AND field = 'tenant-id'", "0", "0");

        _host.Recurring.TriggerJob("acme::changed").ShouldBeNull();

        _logs.Events.Where(one => one.Id == 4002).ShouldHaveSingleItem().Message.ShouldContain("'globex' is not believed");
    }

    private async Task ShouldBeRefusedAsync(string job)
    {
        _host.Client.Requeue(job);
        var states = await _host.ReadToEndAsync(job);

        states.Count(state => state.Name == ProcessingState.StateName).ShouldBe(1);
        states[^1].Name.ShouldBe(FailedState.StateName);
        states[^1].Code.ShouldBe(TenantErrorCodes.Unknown);
        _logs.Events.Where(one => one.Id == 4001 && one.Values["JobId"] == job).ShouldHaveSingleItem().Message.ShouldContain("is not believed");
    }

    private static async Task ExecuteAsync(string sql, string job, string donor)
    {
        await using var dataSource = NpgsqlDataSource.Create(await JobStorages.ConnectionStringAsync() + $";Search Path={Schema};Pooling=false");
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.AddWithValue("job", long.Parse(job, System.Globalization.CultureInfo.InvariantCulture));
        command.Parameters.AddWithValue("donor", long.Parse(donor, System.Globalization.CultureInfo.InvariantCulture));
        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }
}
