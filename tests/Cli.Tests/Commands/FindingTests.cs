using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Commands;

/// <summary>Commands that look for something.</summary>
public sealed class FindingTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public async Task Drift_is_named_and_its_script_repairs_it()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex");
        (await shops.RunAsync("diff")).ExitCode.ShouldBe(0);
        await shops.SqlAsync("""DROP INDEX "tenant_globex"."IX_Goods_Name" """);

        var ran = await shops.RunAsync("diff", "--repair-script", _file);

        ran.ExitCode.ShouldBe(1);
        ran.Output.ShouldContain("1 place of 2 differs from what migrations make.");
        ran.Output.ShouldContain("globex");
        ran.Output.ShouldNotContain("acme");
        await shops.SqlAsync(await File.ReadAllTextAsync(_file));
        (await shops.RunAsync("diff", "--tenant", "globex")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task The_doctor_tells_what_it_found_and_the_remedies_where_they_are_wanted()
    {
        await using var shops = await Shops.OpenAsync("acme");

        var ran = await shops.RunAsync("doctor", "--remedies");

        ran.ExitCode.ShouldBe(0, "a superuser is a warning without rows");
        ran.Output.ShouldContain("FHD002");
        ran.Output.ShouldContain("0 errors, 1 warning.");
    }

    [Fact]
    public async Task SQL_runs_in_each_tenant_and_what_comes_back_is_a_table_or_a_document()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex");
        await File.WriteAllTextAsync(_file, """UPDATE "Goods" SET "Weight" = 7 WHERE "Id" = 1; SELECT "Name", "Weight" FROM "Goods" ORDER BY 1""");

        var table = await shops.RunAsync("run", "--all", "--file", _file);
        var document = (await shops.RunAsync("run", "--tenant", "globex", "--sql", """SELECT "Name", NULL AS nothing FROM "Goods" ORDER BY 1""", "--json")).Document;

        table.ExitCode.ShouldBe(0, table.ToString());
        table.Output.ShouldContain("2 done");
        table.Output.Split('\n').Count(line => line.Contains("tea", StringComparison.Ordinal) && line.Contains('7', StringComparison.Ordinal)).ShouldBe(2);
        document.GetProperty("results")[0].GetProperty("sets")[0].GetProperty("rows")[0].EnumerateArray().Select(cell => cell.ToString()).ShouldBe(["coffee", ""]);
    }

    [Fact]
    public async Task Named_work_is_continued_and_who_is_done_is_not_done_again()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex");
        await shops.SqlAsync("""DROP TABLE "tenant_globex"."Goods" """);
        string[] work = ["run", "--all", "--name", "weigh", "--sql", """UPDATE "Goods" SET "Weight" = "Weight" + 1"""];

        var first = await shops.RunAsync(work);
        await shops.SqlAsync("""CREATE TABLE "tenant_globex"."Goods" AS TABLE "tenant_acme"."Goods" """);
        var second = await shops.RunAsync(work);

        (first.ExitCode, second.ExitCode).ShouldBe((1, 0));
        first.Output.ShouldContain("1 done, 1 failed");
        second.Output.ShouldContain("1 done, 1 with nothing to do");
        (await shops.SqlAsync("""SELECT max("Weight") FROM "tenant_acme"."Goods" """)).ShouldBe(1);
    }

    public void Dispose() => File.Delete(_file);
}
