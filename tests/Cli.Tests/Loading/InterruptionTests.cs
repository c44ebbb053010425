using Freehold.Cli.Tests.Hosting;
using Npgsql;

namespace Freehold.Cli.Tests.Loading;

/// <summary>Signals, and two processes at once.</summary>
public class InterruptionTests
{
    [Theory, InlineData("INT"), InlineData("TERM")]
    public async Task A_signal_lets_the_statement_finish_leaves_the_rest_and_the_same_command_goes_on(string signal)
    {
        await using var shops = await LackingAsync();
        await using (var held = await HoldAsync(shops, "globex"))
        {
            using var process = ToolProcess.Start(Migrate, shops.Environment);
            await process.MessageAsync("Migrating: 1 of 3");
            await process.SignalAsync(signal);
            var ran = await process.EndAsync();

            ran.ExitCode.ShouldBe(130, ran.ToString());
            ran.Messages.ShouldContain("Interrupted: 2 tenants of 3 left. The same command goes on there");
            ran.Document.GetProperty("outcomes").EnumerateArray().Select(outcome => outcome.GetProperty("outcome").GetString())
                .ShouldBe(["succeeded", "stopped", "notBegun"]);
        }

        var again = await ToolProcess.RunAsync(Migrate, shops.Environment);

        again.ExitCode.ShouldBe(0, again.ToString());
        again.Document.GetProperty("summary").GetProperty("succeeded").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_second_signal_ends_it_at_once()
    {
        await using var shops = await LackingAsync();
        await using var held = await HoldAsync(shops, "globex");
        using var process = ToolProcess.Start(Migrate, shops.Environment);
        await process.MessageAsync("Migrating: 1 of 3");

        await process.SignalAsync("INT");
        await process.MessageAsync("Ctrl-C again ends at once");
        await process.SignalAsync("INT");
        var ran = await process.EndAsync();

        ran.ExitCode.ShouldBe(130, ran.ToString());
        ran.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_at_once_share_the_work_and_both_succeed()
    {
        await using var shops = await LackingAsync();

        var both = await Task.WhenAll(ToolProcess.RunAsync(Migrate, shops.Environment), ToolProcess.RunAsync(Migrate, shops.Environment));

        both.ShouldAllBe(ran => ran.ExitCode == 0);
        both.Sum(ran => ran.Document.GetProperty("summary").GetProperty("succeeded").GetInt32()).ShouldBe(3);
    }

    private static readonly string[] Migrate = ["migrate", "--all", "--parallel", "1", "--json", "--assembly", ToolProcess.Application];

    private static async Task<Shops> LackingAsync()
    {
        var shops = await Shops.OpenAsync("acme", "globex", "initech");
        foreach (var tenant in (string[])["acme", "globex", "initech"])
        {
            await shops.UndoLastAsync(tenant);
        }

        return shops;
    }

    // A reader in a transaction: whoever changes the table waits.
    private static async Task<NpgsqlConnection> HoldAsync(Shops shops, string tenant)
    {
        var connection = new NpgsqlConnection(shops.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"BEGIN; LOCK TABLE \"tenant_{tenant}\".\"Goods\" IN ROW EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
