using Freehold.Contracts;
using Freehold.Processes.Host.Effects;
using Freehold.Shared;
using Npgsql;

namespace Freehold.Processes.Tests.LongProof;

public sealed class MessagesTests(ITestOutputHelper output) : LongProofTests("effects by messages", LongProofTests.Soak ? 10_000 : 1_000, output)
{
    protected override async Task<string> OpenCarrierAsync() =>
        (await (await RabbitServer.GetAsync()).CreateVirtualHostAsync()).Uri.ToString();
}

public sealed class JobsTests(ITestOutputHelper output) : LongProofTests("effects by jobs", LongProofTests.Soak ? 2_000 : 200, output)
{
    protected override async Task<string> OpenCarrierAsync() =>
        await (await PostgresServer.GetAsync()).CreateDatabaseAsync() + ";Maximum Pool Size=40";

    private protected override async Task<string> StateOfCarrierAsync(EffectWorld world)
    {
        await using var database = NpgsqlDataSource.Create(world.Settings.Carrier);
        await using var command = database.CreateCommand("""
            SELECT job.id || ' ' || coalesce(job.statename, 'without a state') || ', fetched ' || coalesce(queue.fetchedat::text, 'never') || ', locked '
                || coalesce((SELECT max(acquired)::text FROM hangfire.lock WHERE resource LIKE '%' || job.id || '%'), 'never') || ': '
                || coalesce((SELECT string_agg(state.name || ' ' || coalesce(state.reason, '') || ' ' || left(state.data::text, 300), ' | ' ORDER BY state.id)
                    FROM hangfire.state WHERE state.jobid = job.id), '')
            FROM hangfire.job LEFT JOIN hangfire.jobqueue queue ON queue.jobid = job.id WHERE job.statename IS DISTINCT FROM 'Succeeded' ORDER BY job.id LIMIT 20
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string> { $"It is {DateTime.UtcNow:O}." };
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}

/// <summary>
/// Fifty interleaved tenants, one order in twenty failing at first, and the process that works them off killed in the middle. RabbitMQ and
/// Hangfire promise to deliver at least once: what was in work is delivered again, and the effect's key, in its tenant's schema, makes it one.
/// </summary>
public abstract class LongProofTests(string way, int orders, ITestOutputHelper output)
{
    protected static readonly bool Soak = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1";

    private const int OfControl = 100;

    private static readonly TimeSpan UntilStandstill = TimeSpan.FromMinutes(Soak ? 30 : 5);

    protected abstract Task<string> OpenCarrierAsync();

    /// <summary>What the carrier says of what it has not delivered to its end, for whoever reads a failure.</summary>
    private protected virtual Task<string> StateOfCarrierAsync(EffectWorld world) => Task.FromResult("");

    [Fact]
    public async Task Every_effect_is_in_its_own_tenants_schema_none_lost_and_none_twice_though_the_process_is_killed_in_the_middle()
    {
        await using var world = await EffectWorld.CreateAsync(way, await OpenCarrierAsync());
        var planned = EffectWorld.Plan(orders);
        await using (var killed = FarProcess.Start())
        {
            await using var session = await killed.StartHostAsync(world.Settings with { StandstillAfter = orders / 2 }, new());
            var ordering = world.OrderAsync(planned);
            await session.OutcomeAsync(Guid.Empty, UntilStandstill);
            await killed.KillAsync();
            await ordering;
        }

        var atKill = await world.ReadAsync();
        await WorkOffAsync(world, planned, () => Task.CompletedTask);

        var effects = await world.ReadAsync();
        var findings = Audit.Of(planned, effects);
        findings.ShouldBeEmpty(findings.Count > 0 ? await StateOfCarrierAsync(world) : null);
        atKill.Count.ShouldBeInRange(orders / 2, orders / 2 + world.Settings.Workers);
        var again = effects.Count(effect => effect.Runs > 1);
        again.ShouldBeGreaterThan(0, "what was committed and not yet acknowledged is delivered again");
        output.WriteLine($"{effects.Count} effects; killed at {atKill.Count}; {again} were worked off more than once");
    }

    [Fact]
    public async Task Control_a_worker_that_keeps_anothers_tenant_is_found()
    {
        await using var world = await EffectWorld.CreateAsync(way, await OpenCarrierAsync());
        var planned = EffectWorld.Plan(OfControl);

        await WorkOffAsync(world, planned, () => world.OrderAsync(planned), stale: true);

        Audit.Of(planned, await world.ReadAsync()).ShouldContain(finding => finding.Contains("is in the schema of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Control_an_order_sent_in_anothers_name_is_found()
    {
        await using var world = await EffectWorld.CreateAsync(way, await OpenCarrierAsync());
        var planned = EffectWorld.Plan(OfControl);
        var forged = planned[^1];

        await WorkOffAsync(world, planned, () => world.OrderAsync(planned, order => order == forged ? EffectWay.Tenants[0] : order.Owner));

        Audit.Of(planned, await world.ReadAsync()).ShouldBe([$"an effect of {forged.Owner} is in the schema of {EffectWay.Tenants[0]}"]);
    }

    [Fact]
    public async Task Control_a_lost_and_a_doubled_effect_are_found()
    {
        await using var world = await EffectWorld.CreateAsync(way, await OpenCarrierAsync());
        var planned = EffectWorld.Plan(OfControl);
        await WorkOffAsync(world, planned, () => world.OrderAsync(planned));
        var (lost, doubled) = (planned[0], planned[1]);

        await world.TamperAsync($"""DELETE FROM "{EffectWorld.SchemaOf(lost.Owner)}"."Effects" WHERE "Key" = '{lost.Key}'""");
        await world.TamperAsync($"""INSERT INTO "{EffectWorld.SchemaOf(lost.Owner)}"."Effects" VALUES ('{doubled.Key}', '{lost.Owner}', 1)""");

        var findings = Audit.Of(planned, await world.ReadAsync());
        findings.ShouldContain($"an effect of {lost.Owner} is lost");
        findings.ShouldContain(finding => finding.StartsWith("an effect is there 2 times", StringComparison.Ordinal));
    }

    /// <summary>In a new process, to the end of all orders; it ends as a host ends that is told to stop.</summary>
    private static async Task WorkOffAsync(EffectWorld world, EffectOrdered[] planned, Func<Task> order, bool stale = false)
    {
        await using var process = FarProcess.Start();
        await using var session = await process.StartHostAsync(world.Settings with { EveryTenthIsStale = stale }, new VisitLog());
        await order();
        await world.WaitForAsync(planned.Length);
    }
}
