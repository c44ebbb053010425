using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Docs.Tests;

public class ConfigurationExampleTests
{
    [Fact]
    public async Task The_tenants_shown_as_configuration_are_read()
    {
        var json = string.Concat(Markdown.Blocks(Repository.Read("docs/tenants.md")).Single(block => block.Language == "json").Lines);
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        await using var services = new ServiceCollection()
            .AddMultiTenancy(tenancy => tenancy
                .UseNpgsql("Host=nowhere.invalid").AddNpgsqlServer("eu", "Host=nowhere.invalid").UseTenants(configuration.GetSection("Tenants")))
            .BuildServiceProvider();

        var tenants = await services.GetRequiredService<ITenantStore>().ListAsync(TestContext.Current.CancellationToken).ToArrayAsync();

        tenants.ShouldBe([
            new Tenant("acme"),
            new Tenant("globex") { State = TenantState.Suspended, Placement = new TenantPlacement(Isolation.Database) { Server = "eu" } },
        ]);
    }
}
