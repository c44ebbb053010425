using CsCheck;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Core.Tests.Data;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Placement;

/// <summary>Any string as an id is refused, or becomes a name of its own; PostgreSQL's own catalog is the judge.</summary>
public sealed class NameTests
{
    private static readonly int Iterations = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1" ? 20_000 : 2_000;

    private static readonly string[] Notorious =
    [
        "public", "PUBLIC", "pg_temp", "Pg_x", "shared", "con", "nul.x", "a..b", "freehold_nobody", "tenant_a", "a", "A", "\u0061\u0301", "\u00e1",
    ];

    private static readonly Gen<string> Ids = Gen.OneOf(
        Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789-_"], 1, 63],
        Gen.String[Gen.Char["abAB09-_.~ \"'\\/;:%\0\n\té–ſK"], 0, 70],
        Gen.String,
        Gen.Int[0, Notorious.Length - 1].Select(i => Notorious[i]));

    [Theory]
    [InlineData("acme")]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("a-b_c")]
    [InlineData("3f2504e0-4f89-11d3-9a0c-0305e82c3301")]
    public void Ordinary_ids_are_ids(string id) => TenantId.Parse(id).Value.ShouldBe(id);

    [Theory]
    [InlineData("")]
    [InlineData(" acme")]
    [InlineData("acme\n")]
    [InlineData("a\0b")]
    [InlineData("a'b")]
    [InlineData("a\"b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a..b")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("é")]
    [InlineData("public")]
    [InlineData("Public")]
    [InlineData("pg_toast")]
    [InlineData("con")]
    [InlineData("shared")]
    [InlineData("a,b")]
    [InlineData("\u202Eacme")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789g123")]
    public void What_cannot_be_a_name_everywhere_is_no_id(string id)
    {
        TenantId.TryParse(id, out _).ShouldBeFalse();
        Should.Throw<InvalidTenantIdException>(() => TenantId.Parse(id)).Message.ShouldNotContain("\n");
    }

    [Fact]
    public void Ids_that_are_accepted_never_meet_as_schema_database_or_file()
    {
        using var services = TenantWorld.Build("Host=localhost", Isolation.Schema, []);
        var placer = services.GetRequiredService<TenantPlacer>();
        var naming = new TenantNamingOptions();
        Ids.Array[2, 20].Sample(
            texts =>
            {
                var accepted = texts.Where(text => TenantId.TryParse(text, out var id) && naming.Defect(id) is null).Distinct().ToArray();
                var schemas = accepted.Select(text => placer.Place(new Tenant(text)).Schema!).ToArray();
                schemas.Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(accepted.Length);
                schemas.ShouldAllBe(schema => System.Text.Encoding.UTF8.GetByteCount(schema) <= 63 && schema != naming.SharedSchema);
            },
            iter: Iterations);
    }

    [Fact]
    public async Task PostgreSQL_finds_every_accepted_id_under_exactly_its_own_name()
    {
        var connectionString = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var services = TenantWorld.Build(connectionString, Isolation.Schema, []);
        var placer = services.GetRequiredService<TenantPlacer>();
        var naming = new TenantNamingOptions();
        var accepted = Ids.Array[400].Generate(new PCG(1), null, out _).Append("a").Append("a-").Append("x" + new string('y', 49))
            .Where(text => TenantId.TryParse(text, out var id) && naming.Defect(id) is null).Distinct().ToArray();
        accepted.Length.ShouldBeGreaterThan(50);

        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        foreach (var text in accepted)
        {
            await using var create = new NpgsqlCommand($"CREATE SCHEMA {placer.Place(new Tenant(text)).QuotedSchema}", connection);
            await create.ExecuteNonQueryAsync();
        }

        await using var list = new NpgsqlCommand("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenant\\_%'", connection);
        await using var reader = await list.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }

        found.ShouldBe(accepted.Select(text => $"tenant_{text}"), ignoreOrder: true);
    }

    [Fact]
    public async Task Any_text_survives_as_identifier_and_literal()
    {
        var connectionString = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var texts = Gen.String[Gen.Char["abAB09-_ \"'\\/;:%\n\té–"], 1, 20].Array[200].Generate(new PCG(1), null, out _);
        foreach (var text in texts)
        {
            await using var command = new NpgsqlCommand($"SELECT {SqlText.Literal(text)} AS {SqlText.Identifier(text)}", connection);
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            reader.GetString(0).ShouldBe(text);
            reader.GetName(0).ShouldBe(text);
        }
    }

    [Theory]
    [InlineData("AllowedCharacters", "abcABC")]
    [InlineData("AllowedCharacters", "ab/")]
    [InlineData("SchemaTemplate", "tenant")]
    [InlineData("SchemaTemplate", "{id}{id}")]
    [InlineData("SchemaTemplate", "pg_{id}")]
    [InlineData("SchemaTemplate", "a_very_long_prefix_for_tenants_{id}")]
    [InlineData("SchemaTemplate", "{id}\"")]
    [InlineData("FileTemplate", "../{id}.db")]
    [InlineData("FileTemplate", "{id}")]
    [InlineData("SharedSchema", "public")]
    [InlineData("SharedSchema", "tenant_x")]
    [InlineData("TypesSchema", "shared")]
    [InlineData("MaxLength", "0")]
    public void Naming_that_would_let_tenants_meet_is_refused(string option, string value)
    {
        using var services = new ServiceCollection().AddMultiTenancy(tenancy => tenancy.ConfigureNaming(naming =>
        {
            var property = typeof(TenantNamingOptions).GetProperty(option)!;
            property.SetValue(naming, Convert.ChangeType(value, property.PropertyType, null));
        })).BuildServiceProvider();
        var refused = Should.Throw<MultiTenancyConfigurationException>(() => services.GetServices<IStartupCheck>().ToList().ForEach(check => check.Run()));
        refused.Message.ShouldContain(option == "SharedSchema" && value == "tenant_x" ? "SchemaTemplate" : option);
    }

    [Theory]
    [InlineData("public")]
    [InlineData("shared")]
    [InlineData("pg_catalog")]
    [InlineData("tenant_globex")]
    [InlineData("freehold")]
    [InlineData("")]
    public void A_record_that_places_a_tenant_into_what_is_everybodys_or_anothers_is_refused(string schema)
    {
        using var services = TenantWorld.Build("Host=localhost", Isolation.Schema, []);
        var tenant = new Tenant("acme") { Placement = new TenantPlacement(Isolation.Schema) { Schema = schema } };
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<TenantPlacer>().Place(tenant)).Message.ShouldContain("acme");
    }

    [Fact]
    public void Naming_that_would_let_tenants_meet_is_refused_where_no_host_starts()
    {
        using var services = TenantWorld.Build("Host=localhost", Isolation.Schema, [], tenancy => tenancy.ConfigureNaming(naming => naming.SchemaTemplate = "all"));
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<ITenantDbContextFactory<ShopDb>>().Create(new Tenant("acme")));
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("template1")]
    [InlineData("the_servers_own")]
    public void A_record_that_places_a_tenant_into_a_database_of_everybodys_is_refused(string database)
    {
        using var services = TenantWorld.Build("Host=localhost;Database=the_servers_own", Isolation.Database, []);
        var tenant = new Tenant("acme") { Placement = new TenantPlacement(Isolation.Database) { Database = database } };
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<TenantPlacer>().Place(tenant)).Message.ShouldContain(database);
    }

    [Theory]
    [InlineData("shared.db")]
    [InlineData("Globex.db-wal")]
    [InlineData("../acme.db")]
    public void A_record_that_places_a_tenant_into_a_file_of_everybodys_is_refused(string file)
    {
        using var services = new ServiceCollection().AddMultiTenancy(tenancy => tenancy.UseSqlite("x").AddDbContext<PlainDb>()).BuildServiceProvider();
        var tenant = new Tenant("acme") { Placement = new TenantPlacement(Isolation.Database) { Database = file } };
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<TenantPlacer>().Place(tenant)).Message.ShouldContain("acme");
    }

    [Fact]
    public void A_record_that_places_a_tenant_into_a_schema_of_its_own_choice_is_followed()
    {
        using var services = TenantWorld.Build("Host=localhost", Isolation.Schema, []);
        var tenant = new Tenant("acme") { Placement = new TenantPlacement(Isolation.Schema) { Schema = "Legacy Acme" } };
        services.GetRequiredService<TenantPlacer>().Place(tenant).QuotedSchema.ShouldBe("\"Legacy Acme\"");
    }

    [Fact]
    public async Task A_record_that_names_an_unknown_server_is_refused()
    {
        await using var services = TenantWorld.Build("Host=localhost", Isolation.Schema, []);
        var tenant = new Tenant("acme") { Placement = new TenantPlacement(Isolation.Schema) { Server = "mars" } };
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<ITenantDbContextFactory<ShopDb>>().Create(tenant)).Message.ShouldContain("mars");
        services.GetRequiredService<DatabaseProvider>().ShouldNotBeNull();
    }
}
