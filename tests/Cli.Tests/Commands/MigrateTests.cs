using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Commands;

public class MigrateTests
{
    [Fact]
    public async Task What_is_pending_is_shown_by_a_dry_run_and_by_the_status_and_applied()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex");
        await shops.UndoLastAsync("globex");

        var dry = await shops.RunAsync("migrate", "--dry-run");
        var before = await shops.RunAsync("status");
        var run = await shops.RunAsync("migrate", "--all");
        var after = await shops.RunAsync("status");

        (dry.ExitCode, before.ExitCode, run.ExitCode, after.ExitCode).ShouldBe((0, 1, 0, 0));
        dry.Output.ShouldContain(Shops.LastMigration);
        before.Output.ShouldContain("2 tenants: 1 up to date, 1 with pending migrations.");
        run.Output.ShouldContain("1 done, 1 with nothing to do");
        after.Output.ShouldContain("2 tenants, all up to date.");
    }

    [Fact]
    public async Task A_tenant_that_fails_is_named_and_the_exit_code_says_so_and_no_wave_comes_after_it()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex", "initech");
        foreach (var tenant in (string[])["acme", "globex", "initech"])
        {
            await shops.UndoLastAsync(tenant);
        }

        await shops.SqlAsync("""CREATE TABLE "tenant_globex"."IX_Goods_Name" ()""");

        var ran = await shops.RunAsync("migrate", "--all", "--canary", "globex", "--json");

        ran.ExitCode.ShouldBe(1, ran.ToString());
        ran.Messages.ShouldContain("globex: ");
        ran.Document.GetProperty("outcomes").EnumerateArray().Select(outcome => outcome.GetProperty("outcome").GetString())
            .ShouldBe(["notBegun", "failed", "notBegun"]);
    }

    [Fact]
    public async Task Waves_are_tags_and_then_shares()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex", "initech");
        foreach (var tenant in (string[])["acme", "globex"])
        {
            await shops.UndoLastAsync(tenant);
        }

        await shops.SqlAsync("""CREATE TABLE "tenant_globex"."IX_Goods_Name" ()""");

        var ran = await shops.RunAsync("migrate", "--all", "--wave", "g", "--wave", "50%", "--json");

        ran.Document.GetProperty("outcomes")[0].GetProperty("outcome").GetString().ShouldBe("notBegun", "The tags of the tenants are their first letters, so globex comes first.");
    }

    [Fact]
    public async Task A_target_reverts_what_is_beyond_it_and_only_where_that_was_said()
    {
        await using var shops = await Shops.OpenAsync("acme");

        var refused = await shops.RunAsync("migrate", "--all", "--target", "Weights");
        var ran = await shops.RunAsync("migrate", "--all", "--target", "Weights", "--yes", "--json");
        var unknown = await shops.RunAsync("migrate", "--all", "--target", "Nothing");

        refused.ExitCode.ShouldBe(2);
        refused.Messages.ShouldContain("Say --yes.");
        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Document.GetProperty("outcomes")[0].GetProperty("reverted")[0].GetProperty("id").GetString().ShouldBe(Shops.LastMigration);
        unknown.ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task What_was_marked_as_applied_was_not_run()
    {
        await using var shops = await Shops.OpenAsync("acme");
        await shops.UndoLastAsync("acme");

        var ran = await shops.RunAsync("migrate", "--tenant", "acme", "--mark-applied");

        ran.ExitCode.ShouldBe(0, ran.ToString());
        (await shops.SqlAsync("""SELECT to_regclass('"tenant_acme"."IX_Goods_Name"')::text""")).ShouldBe(DBNull.Value);
        (await shops.RunAsync("status")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_repair_is_for_dirty_tenants_alone()
    {
        await using var shops = await Shops.OpenAsync("acme");
        await shops.UndoLastAsync("acme");

        var ran = await shops.RunAsync("migrate", "--all", "--repair", "--json");

        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Document.GetProperty("outcomes").GetArrayLength().ShouldBe(0);
        (await shops.RunAsync("status")).ExitCode.ShouldBe(1, "acme lacks a migration, and is not dirty.");
    }
}
