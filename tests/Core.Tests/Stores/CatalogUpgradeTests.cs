using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Stores;

/// <summary>Catalogs that older releases made, found by this one.</summary>
public sealed class CatalogUpgradeTests
{
    // As version 1 made it, with three tenants.
    private const string Version1 = """
        CREATE SCHEMA freehold;
        CREATE TABLE freehold.tenants (
            id text COLLATE "C" NOT NULL CONSTRAINT tenants_pkey PRIMARY KEY,
            state text NOT NULL CONSTRAINT tenants_state CHECK (state IN ('Active', 'Suspended', 'Provisioning', 'Deleted')),
            name text,
            isolation text,
            server text,
            database text,
            schema text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT tenants_place CHECK ((isolation IS NULL) = (server IS NULL) AND (isolation IS NOT NULL OR (database IS NULL AND schema IS NULL))));
        CREATE UNIQUE INDEX tenants_id_without_case ON freehold.tenants (lower(id));
        CREATE UNIQUE INDEX tenants_placement ON freehold.tenants
            (server, coalesce(database, ''), coalesce(schema, CASE isolation WHEN 'Database' THEN 'public' END))
            WHERE (isolation = 'Database' AND database IS NOT NULL) OR (isolation = 'Schema' AND schema IS NOT NULL);
        CREATE TABLE freehold.catalog_version (version integer NOT NULL CONSTRAINT catalog_version_pkey PRIMARY KEY);
        INSERT INTO freehold.catalog_version VALUES (1);
        INSERT INTO freehold.tenants (id, state, name, isolation, server, database, schema, created_at) VALUES
            ('acme', 'Active', 'Acme', NULL, NULL, NULL, NULL, '2026-01-02'),
            ('globex', 'Suspended', NULL, 'Database', 'eu', 'globex_db', NULL, '2026-01-02'),
            ('initech', 'Deleted', NULL, 'Schema', 'default', NULL, 'own', '2026-01-02');
        """;

    // What version 2 added, as it added it to a catalog of version 1; one that it made itself is the same.
    private const string Version2 = """
        ALTER TABLE freehold.tenants ADD COLUMN IF NOT EXISTS plan text, ADD COLUMN IF NOT EXISTS region text;
        UPDATE freehold.catalog_version SET version = 2 WHERE version < 2;
        UPDATE freehold.tenants SET plan = 'gold', region = 'eu' WHERE id = 'globex';
        """;

    private static readonly Tenant[] Everybody =
    [
        new("acme") { Name = "Acme" },
        new("globex") { State = TenantState.Suspended, Placement = new(Isolation.Database) { Server = "eu", Database = "globex_db" } },
        new("initech") { State = TenantState.Deleted, Placement = new(Isolation.Schema) { Schema = "own" } },
    ];

    private string _database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Versions => [1, 2];

    [Theory, MemberData(nameof(Versions))]
    public async Task Processes_that_find_it_at_once_bring_it_up_to_date_and_lose_nobody(int version)
    {
        await MakeAsync(version);
        var processes = Enumerable.Range(0, 8).Select(_ => Process(_database)).ToArray();
        try
        {
            foreach (var list in await Task.WhenAll(processes.Select(process => process.GetRequiredService<ITenantStore>().ListAsync(Token).ToArrayAsync(Token).AsTask())))
            {
                list.ShouldBe(version == 1 ? Everybody : [Everybody[0], Everybody[1] with { Plan = "gold", Region = "eu" }, Everybody[2]]);
            }
        }
        finally
        {
            await Task.WhenAll(processes.Select(process => process.DisposeAsync().AsTask()));
        }

        (await ScalarAsync("SELECT string_agg(version::text, ' ') FROM freehold.catalog_version")).ShouldBe("3");
        (await ScalarAsync("SELECT count(*) FROM freehold.tenants WHERE created_at = '2026-01-02'")).ShouldBe(3L);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_it_promised_before_it_promises_still(int version)
    {
        await MakeAsync(version);
        await using var process = Process(_database);
        var (registry, store) = (process.GetRequiredService<ITenantRegistry>(), process.GetRequiredService<ITenantStore>());
        var gold = new Tenant("acme") { Plan = "gold", Region = "eu", Tags = ["eu", "beta"], State = TenantState.Failed, Failure = "Migrating: no space left." };
        await registry.UpdateAsync(gold, Token);

        (await store.FindAsync(gold.Id, Token)).ShouldBe(gold);
        await Should.ThrowAsync<TenantConflictException>(() => registry.AddAsync(new Tenant("initech"), Token));
        await Should.ThrowAsync<TenantConflictException>(() => registry.AddAsync(new Tenant("umbrella") { Placement = new(Isolation.Schema) { Schema = "own" } }, Token));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_role_that_may_not_change_it_is_told_so_and_leaves_it_as_it_was(int version)
    {
        await MakeAsync(version);
        var role = await (await PostgresServer.GetAsync()).CreateRoleAsync();
        await ScalarAsync($"GRANT USAGE ON SCHEMA freehold TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA freehold TO {role}");
        await using (var process = Process(PostgresServer.As(role, _database)))
        {
            (await Should.ThrowAsync<MultiTenancyConfigurationException>(
                async () => await process.GetRequiredService<ITenantStore>().FindAsync(TenantId.Parse("acme"), Token))).Message.ShouldContain("an older release's");
        }

        (await ScalarAsync("SELECT version FROM freehold.catalog_version")).ShouldBe(version);
        (await ScalarAsync("SELECT count(*) FROM freehold.tenants")).ShouldBe(3L);
        await ScalarAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    private static ServiceProvider Process(string connectionString) =>
        new ServiceCollection().AddMultiTenancy(tenancy => tenancy.UseNpgsql(connectionString).UsePostgresCatalog()).BuildServiceProvider();

    private async Task MakeAsync(int version)
    {
        _database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await ScalarAsync(version == 1 ? Version1 : Version1 + Version2);
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Token);
    }
}
