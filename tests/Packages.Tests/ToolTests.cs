using System.Text.Json;

namespace Freehold.Packages.Tests;

public class ToolTests(PackedFeed feed)
{
    private static readonly string[] Tool =
    [
        "DotnetToolSettings.xml", "Spectre.Console.Ansi.dll", "Spectre.Console.dll", "System.CommandLine.dll", "freehold.deps.json", "freehold.dll", "freehold.pdb",
        "freehold.runtimeconfig.json",
    ];

    private const string Program = """
        using Microsoft.EntityFrameworkCore;
        using Microsoft.EntityFrameworkCore.Infrastructure;
        using Microsoft.EntityFrameworkCore.Migrations;

        var builder = WebApplication.CreateBuilder(args);
        builder.AddTenancy<ShopDb>();
        builder.Build().Run();

        public sealed class Order
        {
            public int Id { get; set; }
        }

        public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
        {
            public DbSet<Order> Orders => Set<Order>();
        }

        [DbContext(typeof(ShopDb)), Migration("20260101000000_Orders")]
        public sealed class Orders : Migration
        {
            protected override void Up(MigrationBuilder migrationBuilder) =>
                migrationBuilder.CreateTable("Orders", table => new { Id = table.Column<int>() }, constraints: table => table.PrimaryKey("PK_Orders", row => row.Id));
        }
        """;

    [Fact]
    public void Its_package_has_what_it_draws_and_parses_with_and_nothing_of_the_application()
    {
        var package = feed["Freehold.Cli"];

        package.IsTool.ShouldBeTrue();
        package.Dependencies.ShouldBeEmpty();
        package.Files.ShouldBe(["README.md", .. Tool.Select(file => $"tools/net10.0/any/{file}")], ignoreOrder: true);
        package.Text("README.md").ShouldStartWith("# Freehold.Cli\n");
        (package.LicenseType, package["license"]).ShouldBe(("expression", "MIT"));
    }

    [Fact]
    public async Task Installed_it_writes_what_an_application_needs_builds_it_provisions_its_tenants_and_adds_a_migration()
    {
        using var application = await UserApplication.CreateAsync(feed, "Freehold.Operations", Program);
        await application.WriteAsync("appsettings.json", """{ "Tenants": { "acme": { "Name": "Acme Inc." } } }""");
        await application.InstallToolAsync(feed);

        (await application.FreeholdAsync("--version")).ShouldMatch(@"^\d+\.\d+\.\d+");
        (await application.FreeholdAsync("init", "--write", "--provider", "sqlite")).ShouldContain("refers to Freehold.Operations already: left as it is.");
        (await application.FreeholdAsync("init", "--write")).ShouldContain("is there already: left as it is.");
        JsonDocument.Parse(await application.FreeholdAsync("list", "--json")).RootElement.GetProperty("tenants")[0].GetProperty("name").GetString().ShouldBe("Acme Inc.");
        (await application.FreeholdAsync("provision", "acme", "--no-build")).ShouldContain("acme is active.");
        (await application.FreeholdAsync("status", "--no-build")).ShouldContain("1 tenant, all up to date.");
        application.Has("tenants/acme.db").ShouldBeTrue();

        await application.AddEfAsync();
        await application.FreeholdAsync("migrations", "add", "Second");
        Directory.GetFiles(application.App, "*_Second.cs", SearchOption.AllDirectories).Length.ShouldBe(1);
    }
}
