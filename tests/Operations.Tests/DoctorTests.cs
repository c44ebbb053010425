using Freehold.Operations.Diagnosing;
using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Operations.Tests;

/// <summary>Each defect made by hand is found by its rule and by no other; its remedy mends it; and on a healthy database nothing is found.</summary>
public sealed class DoctorTests
{
    private const string Tables = """
        CREATE SCHEMA tenants;
        CREATE TABLE tenants.orders (tenant_id text NOT NULL, id int NOT NULL, total int, PRIMARY KEY (tenant_id, id));
        CREATE TABLE tenants.lines (
            tenant_id text NOT NULL, id int NOT NULL, order_id int, PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, order_id) REFERENCES tenants.orders (tenant_id, id));
        CREATE TABLE tenants.history ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
        CREATE VIEW tenants.totals WITH (security_invoker = true) AS SELECT total FROM tenants.orders;
        CREATE FUNCTION tenants.safe() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = tenants, pg_temp AS 'SELECT 1';
        """;

    /// <summary>The rule, the defect, what it is found on, and whether its own SQL mends it. {0} is the application's role, {1} another one.</summary>
    public static TheoryData<string, string, string, bool> Defects => new()
    {
        { "FHD001", "ALTER TABLE tenants.orders NO FORCE ROW LEVEL SECURITY", "tenants.orders", true },
        { "FHD002", "ALTER ROLE {0} SUPERUSER", "{0}", true },
        { "FHD002", "ALTER ROLE {1} SUPERUSER; GRANT {1} TO {0}", "{1}", true },
        { "FHD003", "ALTER ROLE {0} BYPASSRLS", "{0}", true },
        { "FHD003", "ALTER ROLE {1} BYPASSRLS; GRANT {1} TO {0}", "{1}", true },
        { "FHD004", "DROP POLICY freehold_tenant ON tenants.orders", "tenants.orders", true },
        { "FHD004", "ALTER TABLE tenants.orders DISABLE ROW LEVEL SECURITY", "tenants.orders", true },
        { "FHD004", "CREATE TABLE tenants.notes (id int PRIMARY KEY)", "tenants.notes", false },
        { "FHD005", "CREATE VIEW tenants.all_orders AS SELECT * FROM tenants.orders", "tenants.all_orders", true },
        { "FHD005", "CREATE SCHEMA reports; CREATE VIEW reports.all_orders WITH (security_invoker = false) AS SELECT * FROM tenants.orders", "reports.all_orders", true },
        { "FHD006", "CREATE FUNCTION tenants.count(x int) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'", "tenants.count(x integer)", true },
        { "FHD006", "CREATE SCHEMA reports; CREATE PROCEDURE reports.run() LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "reports.run()", true },
        { "FHD007", "CREATE SCHEMA reports; CREATE MATERIALIZED VIEW reports.sums AS SELECT sum(total) FROM tenants.orders", "reports.sums", true },
        { "FHD009", "CREATE UNIQUE INDEX one_total ON tenants.orders (total)", "tenants.one_total", false },
        { "FHD009", "CREATE UNIQUE INDEX one_total ON tenants.orders (total) INCLUDE (tenant_id)", "tenants.one_total", false },
        { "FHD010", "ALTER TABLE tenants.lines ADD owner text, ADD CONSTRAINT other FOREIGN KEY (owner, order_id) REFERENCES tenants.orders (tenant_id, id)", "tenants.lines other", false },
        { "FHD011", "GRANT TRUNCATE ON tenants.orders TO {0}", "tenants.orders", true },
        { "FHD011", "GRANT TRUNCATE ON tenants.orders TO PUBLIC", "tenants.orders", true },
        { "FHD012", "ALTER TABLE tenants.lines DROP CONSTRAINT lines_pkey", "tenants.lines", true },
        { "FHD016", "ALTER TABLE tenants.orders OWNER TO {0}", "tenants.orders", true },
        { "FHD016", "ALTER TABLE tenants.orders OWNER TO {1}; GRANT {1} TO {0}", "tenants.orders", true },
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Defects))]
    public async Task A_defect_is_found_by_its_rule_and_by_no_other_and_its_remedy_mends_it(string rule, string defect, string on, bool isMended)
    {
        var (database, role, other, migrator) = await DatabaseAsync();
        await using var services = Build(PostgresServer.As(role, database), PostgresServer.As(migrator, database));
        await ExecuteAsync(database, string.Format(null, defect, role, other));

        var found = await ExamineAsync(services);

        found.Select(finding => (finding.Rule, finding.Subject)).ShouldBe([(rule, string.Format(null, on, role, other))], found.FirstOrDefault()?.Finding);
        (found[0].RemedySql is not null).ShouldBe(isMended);
        if (isMended)
        {
            await ExecuteAsync(database, found[0].RemedySql!);
            (await ExamineAsync(services)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_partition_without_a_policy_of_its_own_is_found_and_one_with_it_is_not()
    {
        var (database, role, _, migrator) = await DatabaseAsync("""
            CREATE TABLE tenants.events (tenant_id text NOT NULL, id int NOT NULL, PRIMARY KEY (tenant_id, id)) PARTITION BY RANGE (id);
            CREATE TABLE tenants.events_1 PARTITION OF tenants.events FOR VALUES FROM (0) TO (1000);
            """);
        await using var services = Build(PostgresServer.As(role, database), PostgresServer.As(migrator, database));
        (await ExamineAsync(services)).ShouldBeEmpty();

        await ExecuteAsync(database, "CREATE TABLE tenants.events_2 PARTITION OF tenants.events FOR VALUES FROM (1000) TO (2000)");

        var found = (await ExamineAsync(services)).ShouldHaveSingleItem();
        (found.Rule, found.Subject, found.Severity).ShouldBe(("FHD008", "tenants.events_2", DoctorSeverity.Error));
        await ExecuteAsync(database, found.RemedySql!);
        (await ExamineAsync(services)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pooler_that_nobody_mentioned_and_a_path_that_reads_public_are_found()
    {
        var (database, role, _, migrator) = await DatabaseAsync();
        await using var pooler = await PgBouncer.StartAsync(PostgresServer.As(role, database), settings: "ignore_startup_parameters = search_path");
        await using var services = Build(pooler.ConnectionString, PostgresServer.As(migrator, database));
        (await ExamineAsync(services)).Select(finding => finding.Rule).ShouldBe(["FHD013", "FHD015"]);

        await ExecuteAsync(database, $"ALTER ROLE {role} SET search_path TO freehold_nobody");
        await using var again = await PgBouncer.StartAsync(PostgresServer.As(role, database), settings: "ignore_startup_parameters = search_path");
        await using var closed = Build(again.ConnectionString, PostgresServer.As(migrator, database));
        (await ExamineAsync(closed)).Select(finding => finding.Rule).ShouldBe(["FHD015"]);
        await using var told = Build(again.ConnectionString, PostgresServer.As(migrator, database), PoolerMode.Transaction);
        (await ExamineAsync(told)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("15.19", "15.20")]
    [InlineData("15.20", null)]
    [InlineData("17.2", "17.12")]
    [InlineData("18.6", null)]
    [InlineData("13.4", "14.25")]
    [InlineData("19.0", null)]
    public void A_server_older_than_the_fixes_of_row_level_security_is_told_which_release_has_them(string version, string? release) =>
        DoctorRules.Lacks(Version.Parse(version))?.ToString().ShouldBe(release);

    [Fact]
    public async Task What_Freehold_provisions_is_healthy()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<LedgerDb>().AddSharedDbContext<GeoDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(new Tenant("acme"), Cancelled);
        var report = await fleet.Services.GetRequiredService<ITenantDoctor>().ExamineAsync(Cancelled);
        report.Findings.Where(finding => finding.Rule != "FHD014").ShouldBeEmpty();
        report.IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named_and_can_be_examined_later()
    {
        await using var services = Build("Host=127.0.0.1;Port=1;Username=x", "Host=127.0.0.1;Port=1;Username=y");
        var failure = await Should.ThrowAsync<TenantOperationException>(() => services.GetRequiredService<ITenantDoctor>().ExamineAsync(Cancelled));
        failure.Message.ShouldContain("'default'");
        failure.IsRetryable.ShouldBeTrue();
    }

    private static async Task<(string Database, string Role, string Other, string Migrator)> DatabaseAsync(string more = "")
    {
        var server = await PostgresServer.GetAsync();
        var database = await server.CreateDatabaseAsync();
        var (role, other, migrator) = (await server.CreateRoleAsync(), await server.CreateRoleAsync(), await server.CreateRoleAsync());
        await ExecuteAsync(database, $"""
            GRANT CREATE ON DATABASE {new NpgsqlConnectionStringBuilder(database).Database} TO {migrator};
            SET ROLE {migrator};
            {Tables}
            {more};
            SET search_path TO tenants;
            {Places.RowPolicies.ProtectSql("tenant_id")}
            GRANT USAGE ON SCHEMA tenants TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenants TO {role};
            """);
        return (database, role, other, migrator);
    }

    private static ServiceProvider Build(string connectionString, string migrates, PoolerMode mode = PoolerMode.None) => new ServiceCollection()
        .AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(
                connectionString,
                server: server =>
                {
                    server.MigrationConnectionString = migrates;
                    server.Pooler = mode;
                })
            .IsolateBy(Isolation.Row).AddDbContext<ShopDb>().AddOperations())
        .BuildServiceProvider(validateScopes: true);

    /// <summary>What is found, but for the version of the server that tests run on.</summary>
    private static async Task<DoctorFinding[]> ExamineAsync(ServiceProvider services) =>
        [.. (await services.GetRequiredService<ITenantDoctor>().ExamineAsync(Cancelled)).Findings.Where(finding => finding.Rule != "FHD014")];

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancelled);
        foreach (var statement in sql.Contains("CONCURRENTLY", StringComparison.Ordinal) ? sql.Split(";\n") : [sql])
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(Cancelled);
        }
    }
}
