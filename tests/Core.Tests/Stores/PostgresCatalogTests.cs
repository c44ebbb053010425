using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Stores;

public sealed class PostgresCatalogTests : IAsyncLifetime
{
    private string _database = "";
    private ServiceProvider? _process;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ITenantStore Store => _process!.GetRequiredService<ITenantStore>();

    private ITenantRegistry Registry => _process!.GetRequiredService<ITenantRegistry>();

    public async ValueTask InitializeAsync()
    {
        _database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        _process = Process();
    }

    public ValueTask DisposeAsync() => _process!.DisposeAsync();

    public static TheoryData<Tenant> Records =>
    [
        .. Enum.GetValues<TenantState>().Select(state => new Tenant("acme") { State = state }),
        new Tenant("acme") { Name = "Acme 'Ünïcode' \"Inc.\"; --" },
        new Tenant("acme") { Plan = "gold", Region = "eu'\";--" },
        new Tenant("acme") { Tags = ["eu", "beta"], State = TenantState.Failed, Failure = "Provisioning, migrations: it's \"full\"." },
        new Tenant("acme") { Placement = new(Isolation.Schema) },
        new Tenant("acme") { Placement = new(Isolation.Database) { Server = "eu" } },
        new Tenant("acme") { Placement = new(Isolation.Database) { Server = "eu", Database = "acme_db", Schema = "x" } },
        new Tenant("acme") { Placement = new(Isolation.Schema) { Database = "", Schema = "Ünï'\"code" } },
    ];

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public async Task A_record_comes_back_as_it_was_written(Tenant tenant)
    {
        await Registry.AddAsync(tenant, Token);
        await ShouldBeAsync(tenant);

        await Registry.UpdateAsync(new Tenant("acme"), Token);
        await ShouldBeAsync(new Tenant("acme"));

        await Registry.UpdateAsync(tenant, Token);
        await ShouldBeAsync(tenant);
    }

    [Fact]
    public async Task Sixteen_processes_that_start_at_once_make_one_catalog()
    {
        var ready = new Barrier(16);
        var processes = Enumerable.Range(0, 16).Select(_ => Process()).ToArray();
        try
        {
            await Task.WhenAll(processes.Select((process, number) => Task.Factory.StartNew(async () =>
            {
                ready.SignalAndWait(TimeSpan.FromSeconds(30), Token);
                await process.GetRequiredService<ITenantRegistry>().AddAsync(new Tenant($"t{number:00}"), Token);
            }, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

            (await IdsAsync()).ShouldBe(Enumerable.Range(0, 16).Select(number => $"t{number:00}"));
            (await ScalarAsync("SELECT count(*) FROM freehold.catalog_version WHERE version = 3")).ShouldBe(1L);
        }
        finally
        {
            await Task.WhenAll(processes.Select(process => process.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task An_id_is_taken_whatever_its_case_or_state_and_found_only_byte_for_byte()
    {
        await using var other = Process(tenancy => tenancy.ConfigureNaming(naming => naming.AllowedCharacters = "ACEM"));
        await Registry.AddAsync(new Tenant("acme") { State = TenantState.Deleted }, Token);

        (await Should.ThrowAsync<TenantConflictException>(() => Registry.AddAsync(new Tenant("acme"), Token))).TenantId.Value.ShouldBe("acme");
        var conflict = await Should.ThrowAsync<TenantConflictException>(
            () => other.GetRequiredService<ITenantRegistry>().AddAsync(new Tenant("ACME"), Token));
        conflict.Message.ShouldContain("there is a tenant 'acme' already");
        (await Store.FindAsync(TenantId.Parse("ACME"), Token)).ShouldBeNull();
        await ShouldBeAsync(new Tenant("acme") { State = TenantState.Deleted });
    }

    [Fact]
    public async Task Who_is_not_there_cannot_be_changed_and_may_be_removed()
    {
        await Should.ThrowAsync<TenantUnknownException>(() => Registry.UpdateAsync(new Tenant("acme"), Token));
        await Registry.RemoveAsync(TenantId.Parse("acme"), Token);

        (await IdsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tenants_isolated_by_row_may_name_one_place()
    {
        foreach (var id in new[] { "acme", "globex" })
        {
            var tenant = new Tenant(id) { Placement = new(Isolation.Row) { Database = "d", Schema = "rows" } };
            await Registry.AddAsync(tenant, Token);
            (await Store.FindAsync(tenant.Id, Token)).ShouldBe(tenant);
        }
    }

    [Fact]
    public async Task A_removed_tenant_is_gone_and_its_id_and_place_are_free()
    {
        var acme = new Tenant("acme") { Placement = new(Isolation.Schema) { Schema = "s" } };
        await Registry.AddAsync(acme, Token);

        await Registry.RemoveAsync(acme.Id, Token);

        (await Store.FindAsync(acme.Id, Token)).ShouldBeNull();
        await Registry.AddAsync(acme, Token);
        await ShouldBeAsync(acme);
    }

    [Theory]
    [InlineData(Isolation.Schema, null, "s", Isolation.Schema, null, "s")]
    [InlineData(Isolation.Schema, "d", "s", Isolation.Schema, "d", "s")]
    [InlineData(Isolation.Database, "d", null, Isolation.Database, "d", null)]
    [InlineData(Isolation.Database, "d", null, Isolation.Database, "d", "public")]
    [InlineData(Isolation.Database, "d", "s", Isolation.Schema, "d", "s")]
    public async Task Two_tenants_cannot_be_given_one_place(
        Isolation isolation, string? database, string? schema, Isolation otherIsolation, string? otherDatabase, string? otherSchema)
    {
        var other = new TenantPlacement(otherIsolation) { Database = otherDatabase, Schema = otherSchema };
        await Registry.AddAsync(new Tenant("acme") { Placement = new(isolation) { Database = database, Schema = schema } }, Token);
        await Registry.AddAsync(new Tenant("initech"), Token);

        var added = await Should.ThrowAsync<TenantConflictException>(() => Registry.AddAsync(new Tenant("globex") { Placement = other }, Token));
        await Should.ThrowAsync<TenantConflictException>(() => Registry.UpdateAsync(new Tenant("initech") { Placement = other }, Token));

        added.Message.ShouldContain("placement");
        (await IdsAsync()).ShouldBe(["acme", "initech"]);
        await Registry.AddAsync(new Tenant("globex") { Placement = other with { Server = "eu" } }, Token);
    }

    [Fact]
    public async Task Tenants_whose_place_is_left_to_conventions_do_not_meet()
    {
        TenantPlacement?[] places = [null, new(Isolation.Schema), new(Isolation.Database), new(Isolation.Schema) { Database = "d" }];
        foreach (var (place, number) in places.Concat(places).Select((place, number) => (place, number)))
        {
            await Registry.AddAsync(new Tenant($"t{number}") { Placement = place }, Token);
        }

        (await IdsAsync()).Length.ShouldBe(8);
    }

    [Fact]
    public async Task The_list_is_in_ordinal_order_over_all_pages()
    {
        var ids = Enumerable.Range(0, 1201).Select(number => $"t{number % 7}{"-_a0"[number % 4]}{number}").ToArray();
        await Registry.AddAsync(new Tenant("first"), Token);
        await ScalarAsync($"INSERT INTO freehold.tenants (id, state) SELECT unnest('{{{string.Join(',', ids)}}}'::text[]), 'Active'");

        (await IdsAsync()).ShouldBe(ids.Append("first").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_slow_reader_of_the_list_holds_no_connection()
    {
        await Registry.AddAsync(new Tenant("acme"), Token);
        await using var list = Store.ListAsync(Token).GetAsyncEnumerator(Token);
        (await list.MoveNextAsync()).ShouldBeTrue();

        (await ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"))
            .ShouldBe(0L);
    }

    [Fact]
    public async Task A_catalog_of_a_newer_release_is_refused()
    {
        await Registry.AddAsync(new Tenant("acme"), Token);
        await ScalarAsync("UPDATE freehold.catalog_version SET version = 4");
        await using var process = Process();

        var refusal = await Should.ThrowAsync<TenantUnavailableException>(
            async () => await process.GetRequiredService<TenantAdmission>().AdmitAsync("acme", Token));
        refusal.InnerException.ShouldBeOfType<MultiTenancyConfigurationException>().Message.ShouldContain("Update Freehold");
    }

    [Fact]
    public async Task A_role_that_may_not_create_uses_a_catalog_that_is_there_and_is_told_where_it_is_not()
    {
        var role = $"reader_{Guid.NewGuid():N}";
        await ScalarAsync($"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        var settings = new NpgsqlConnectionStringBuilder(_database) { Username = role, Password = "secret" };
        await using var process = Process(connectionString: settings.ConnectionString);
        var store = process.GetRequiredService<ITenantStore>();

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(async () => await store.FindAsync(TenantId.Parse("acme"), Token)))
            .Message.ShouldContain("Grant it CREATE");
        await Registry.AddAsync(new Tenant("acme"), Token);
        await ScalarAsync($"GRANT USAGE ON SCHEMA freehold TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA freehold TO {role}");
        (await store.FindAsync(TenantId.Parse("acme"), Token)).ShouldBe(new Tenant("acme"));

        await ScalarAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task A_server_that_is_down_makes_its_tenants_unavailable_and_nothing_is_remembered_of_that()
    {
        await using var process = Process(connectionString: "Host=127.0.0.1;Port=1;Username=u;Password=secret;Timeout=5");

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refusal = await Should.ThrowAsync<TenantUnavailableException>(
                async () => await process.GetRequiredService<TenantAdmission>().AdmitAsync("acme", Token));
            refusal.InnerException.ShouldBeAssignableTo<NpgsqlException>();
            refusal.ToString().ShouldNotContain("secret");
        }
    }

    [Fact]
    public async Task The_catalog_stands_on_the_default_server_in_the_schema_that_was_named()
    {
        await using var process = new ServiceCollection()
            .AddMultiTenancy(tenancy => tenancy.UseNpgsql(_database).UsePostgresCatalog(schema: "my-catalog"))
            .BuildServiceProvider();

        await process.GetRequiredService<ITenantRegistry>().AddAsync(new Tenant("acme"), Token);

        (await ScalarAsync("SELECT count(*) FROM \"my-catalog\".tenants")).ShouldBe(1L);
        (await ScalarAsync("SELECT to_regnamespace('freehold') IS NULL")).ShouldBe(true);
    }

    private async Task ShouldBeAsync(Tenant tenant)
    {
        (await Store.FindAsync(tenant.Id, Token)).ShouldBe(tenant);
        (await Store.ListAsync(Token).ToArrayAsync(Token)).ShouldBe([tenant]);
    }

    private ValueTask<string[]> IdsAsync() => Store.ListAsync(Token).Select(tenant => tenant.Id.Value).ToArrayAsync(Token);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Token);
    }

    private ServiceProvider Process(Action<MultiTenancyBuilder>? configure = null, string? connectionString = null) => new ServiceCollection()
        .AddMultiTenancy(tenancy => (configure ?? (_ => { }))(tenancy.UsePostgresCatalog(connectionString ?? _database)))
        .BuildServiceProvider();
}
