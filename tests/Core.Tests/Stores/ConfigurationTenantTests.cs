using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Tests.Stores;

public sealed class ConfigurationTenantTests : IDisposable
{
    private readonly Logbook _logbook = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _logbook.Dispose();

    [Fact]
    public async Task Everything_an_entry_says_is_in_the_record()
    {
        using var services = Services(new(
            ("globex:Tags", "eu, beta"),
            ("acme:Name", "Acme Inc."), ("acme:State", "suspended"), ("acme:Plan", "gold"), ("acme:Region", "eu"), ("acme:Tags:0", "eu"), ("acme:Tags:1", "beta"),
            ("acme:Placement:Isolation", "Database"), ("acme:Placement:Server", "eu"),
            ("acme:Placement:Database", "acme_db"), ("acme:Placement:Schema", "acme_schema"),
            ("0:Id", "initech")));
        var store = services.GetRequiredService<ITenantStore>();

        (await store.FindAsync(TenantId.Parse("acme"), Token)).ShouldBe(new Tenant("acme")
        {
            Name = "Acme Inc.",
            Plan = "gold",
            Region = "eu",
            Tags = ["beta", "eu"],
            State = TenantState.Suspended,
            Placement = new(Isolation.Database) { Server = "eu", Database = "acme_db", Schema = "acme_schema" },
        });
        (await store.FindAsync(TenantId.Parse("globex"), Token))!.Tags.ShouldBe(["beta", "eu"]);
        (await store.FindAsync(TenantId.Parse("0"), Token)).ShouldBeNull();
        (await store.FindAsync(TenantId.Parse("ACME"), Token)).ShouldBeNull();
        (await store.ListAsync(Token).Select(tenant => tenant.Id.Value).ToArrayAsync(Token)).ShouldBe(["acme", "globex", "initech"]);
    }

    [Theory]
    [InlineData("acme:State", "Suspnded", "Tenants:acme", "its State is 'Suspnded'; use one of Active, Suspended, Provisioning, Deleted, Migrating, Failed, Spare")]
    [InlineData("acme:State", "1", "Tenants:acme", "its State is '1'")]
    [InlineData("acme:State", "Active,Suspended", "Tenants:acme", "its State is 'Active,Suspended'")]
    [InlineData("acme:State:x", "Active", "Tenants:acme", "its State is a section and not a value")]
    [InlineData("acme:Tags", "eu,,beta", "Tenants:acme", "its Tags must be a list of words")]
    [InlineData("acme:Tags:0:x", "eu", "Tenants:acme", "its Tags must be a list of words")]
    [InlineData("acme:Sate", "Suspended", "Tenants:acme", "a setting 'Sate' that means nothing here")]
    [InlineData("acme:ConnectionString", "Password=secret", "Tenants:acme", "a setting 'ConnectionString' that means nothing here")]
    [InlineData("acme", "Active", "Tenants:acme", "it is a value and not a section")]
    [InlineData("acme:Placement", "Schema", "Tenants:acme:Placement", "it is a value and not a section")]
    [InlineData("acme:Placement:Server", "eu", "Tenants:acme:Placement", "it has no Isolation; use one of Database, Schema")]
    [InlineData("acme:Placement:Isolation", "Galaxy", "Tenants:acme:Placement", "its Isolation is 'Galaxy'")]
    [InlineData("acme:Placement:Shema", "x", "Tenants:acme:Placement", "a setting 'Shema' that means nothing here")]
    [InlineData("no body:Name", "x", "Tenants:no body", "'no body' cannot be a tenant's id")]
    [InlineData("public:Name", "x", "Tenants:public", "'public' cannot be a tenant's id")]
    [InlineData("Acme:Name", "x", "Tenants:Acme", "'A' is not among TenantNamingOptions.AllowedCharacters")]
    [InlineData("0:Id", "globex", "Tenants:globex", "'Tenants:0' has the same id")]
    public async Task A_broken_entry_stops_the_application_and_is_named(string key, string? value, string entry, string defect)
    {
        using var services = Services(new(("globex:Name", "Globex"), (key, value)));

        var broken = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(services));

        broken.Message.ShouldContain($"'{entry}'");
        broken.Message.ShouldContain(defect);
        broken.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Ids_that_differ_only_in_case_are_refused_where_both_cases_could_be_meant()
    {
        using var services = Services(new(("0:Id", "ACME"), ("1:Id", "acme")), tenancy => tenancy.ConfigureNaming(naming => naming.AllowedCharacters += "ACEM"));

        var broken = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(services));
        broken.Message.ShouldContain("both cases");

        using var direct = Services(new(("0:Id", "ACME"), ("1:Id", "acme")), tenancy => tenancy.ConfigureNaming(naming => naming.AllowedCharacters += "ACEM"));
        Should.Throw<MultiTenancyConfigurationException>(() => direct.GetRequiredService<ITenantStore>()).Message.ShouldContain("differs only in case");
    }

    [Fact]
    public async Task A_section_that_is_missing_or_empty_stops_the_application()
    {
        using var services = Services(new());

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(services))).Message.ShouldContain("'Tenants' has no tenants");
    }

    [Theory]
    [InlineData("acme:Placement:Server", "mars", "no server is registered under the name 'mars'; use one of default, eu")]
    [InlineData("acme:Placement:Schema", "shared", "the schema 'shared' belongs to all tenants")]
    [InlineData("acme:Placement:Schema", "pg_catalog", "PostgreSQL's own")]
    [InlineData("acme:Placement:Schema", "tenant_globex", "the name that tenant 'globex' has by convention")]
    public async Task A_placement_that_cannot_be_is_known_at_start_up(string key, string value, string defect)
    {
        using var services = Services(
            new(("globex", null), ("acme:Placement:Isolation", "Schema"), (key, value)),
            tenancy => tenancy.UseNpgsql("Host=nowhere").AddNpgsqlServer("eu", "Host=nowhere").IsolateBy(Isolation.Schema));

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(services))).Message.ShouldContain(defect);
    }

    [Fact]
    public async Task Two_entries_that_name_one_place_are_refused()
    {
        using var services = Services(
            new(
                ("acme:Placement:Isolation", "Schema"), ("acme:Placement:Schema", "Old"),
                ("globex:Placement:Isolation", "Schema"), ("globex:Placement:Schema", "Old")),
            tenancy => tenancy.UseNpgsql("Host=nowhere").IsolateBy(Isolation.Schema));

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(services))).Message.ShouldContain("in the same place as that of");
    }

    [Fact]
    public async Task A_change_replaces_the_list_and_a_broken_or_empty_one_leaves_it_and_warns()
    {
        var configuration = new ChangingConfiguration(("acme", null), ("globex", null));
        using var services = Services(configuration);
        await StartAsync(services);
        var store = services.GetRequiredService<ITenantStore>();

        configuration.Change(("acme:State", "Suspended"), ("initech", null));
        await ShouldBeAsync(store, "acme Suspended", "initech Active");
        _logbook.Lines.ShouldNotContain(line => line.Level >= LogLevel.Warning);

        configuration.Change(("acme:State", "Active"), ("initech:State", "Atcive"));
        await ShouldBeAsync(store, "acme Suspended", "initech Active");
        _logbook.Lines.ShouldContain(line => line.Level == LogLevel.Warning && line.Text.Contains("'Tenants:initech'"), 1);

        configuration.Change();
        await ShouldBeAsync(store, "acme Suspended", "initech Active");
        _logbook.Lines.Count(line => line.Level == LogLevel.Warning).ShouldBe(2);

        configuration.Change(("acme", null));
        await ShouldBeAsync(store, "acme Active");
    }

    [Fact]
    public void The_list_cannot_be_written()
    {
        using var services = Services(new(("acme", null)));

        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<ITenantRegistry>()).Message.ShouldContain("UsePostgresCatalog");
    }

    private static async Task ShouldBeAsync(ITenantStore store, params string[] tenants)
    {
        (await store.ListAsync(Token).Select(tenant => $"{tenant.Id} {tenant.State}").ToArrayAsync(Token)).ShouldBe(tenants);
        foreach (var tenant in tenants)
        {
            (await store.FindAsync(TenantId.Parse(tenant.Split(' ')[0]), Token))!.State.ToString().ShouldBe(tenant.Split(' ')[1]);
        }
    }

    private ServiceProvider Services(ChangingConfiguration configuration, Action<MultiTenancyBuilder>? configure = null) => new ServiceCollection()
        .AddLogging(logging => logging.AddProvider(_logbook))
        .AddMultiTenancy(tenancy => (configure ?? (_ => { }))(tenancy.UseTenants(configuration.Tenants)))
        .BuildServiceProvider();

    private static async Task StartAsync(ServiceProvider services)
    {
        foreach (var service in services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(Token);
        }
    }
}
