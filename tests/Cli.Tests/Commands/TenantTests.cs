using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Commands;

/// <summary>A tenant's life at the prompt.</summary>
public class TenantTests
{
    [Fact]
    public async Task A_tenant_is_provisioned_listed_suspended_resumed_and_dropped()
    {
        await using var shops = await Shops.OpenAsync();

        (await shops.RunAsync("provision", "acme", "--name", "Acme Inc.", "--plan", "gold", "--tag", "beta", "--tag", "eu", "--isolation", "schema", "--schema", "s_acme"))
            .Output.ShouldContain("acme is active.");
        var listed = (await shops.RunAsync("list", "--tag", "eu", "--json")).Document.GetProperty("tenants")[0];
        listed.GetProperty("name").GetString().ShouldBe("Acme Inc.");
        listed.GetProperty("placement").GetProperty("schema").GetString().ShouldBe("s_acme");
        (await shops.RunAsync("suspend", "acme")).Output.ShouldContain("acme is suspended.");
        (await shops.StateAsync("acme")).ShouldBe(TenantState.Suspended);
        (await shops.RunAsync("resume", "acme")).Output.ShouldContain("acme is active.");
        var archive = Path.Combine(Directory.CreateTempSubdirectory("freehold-drop").FullName, "acme.zip");
        (await shops.RunAsync("drop", "acme", "--yes", "--archive", archive)).Output.ShouldContain($"Written: {archive}");
        Directory.Delete(Path.GetDirectoryName(archive)!, recursive: true);
        (await shops.SqlAsync("SELECT count(*) FROM pg_namespace WHERE nspname = 's_acme'")).ShouldBe(0L);
        (await shops.RunAsync("list")).Output.ShouldContain("There are no such tenants.");
        (await shops.RunAsync("list", "--state", "deleted")).Output.ShouldContain("acme");
    }

    [Fact]
    public async Task A_tenant_with_data_is_not_dropped_where_nobody_can_be_asked()
    {
        await using var shops = await Shops.OpenAsync("acme");

        var ran = await shops.RunAsync("drop", "acme");

        ran.ExitCode.ShouldBe(2);
        ran.Messages.ShouldContain("Say --yes.");
        (await shops.StateAsync("acme")).ShouldBe(TenantState.Active);
    }

    [Fact]
    public async Task A_spare_is_made_and_claimed()
    {
        await using var shops = await Shops.OpenAsync();

        (await shops.RunAsync("spares", "--keep", "1")).Output.ShouldContain("1 spare tenant ready (1 made now).");
        (await shops.RunAsync("provision", "acme", "--claim")).Output.ShouldContain("acme is active.");
        (await shops.RunAsync("spares")).Output.ShouldContain("0 spare tenants ready.");
    }

    [Fact]
    public async Task Seeds_are_applied_to_the_chosen_ones_once()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex");
        await shops.SqlAsync("""TRUNCATE "tenant_acme"."Goods", "tenant_acme"."__FreeholdSeeds" """);

        var first = await shops.RunAsync("seed", "--all", "--exclude", "globex", "--json");
        var second = await shops.RunAsync("seed", "--all");

        first.Document.GetProperty("summary").GetProperty("succeeded").GetInt32().ShouldBe(1, first.ToString());
        second.Output.ShouldContain("2 with nothing to do");
        (await shops.SqlAsync("""SELECT count(*) FROM "tenant_acme"."Goods" """)).ShouldBe(2L);
    }
}
