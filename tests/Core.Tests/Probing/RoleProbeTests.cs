using Freehold.Core.Tests.Data;
using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Freehold.Core.Tests.Probing;

/// <summary>Policies hold only for some roles: any other one is refused, with the SQL that makes it one of them.</summary>
public sealed class RoleProbeTests
{
    private const string Tables = """
        CREATE SCHEMA tenants;
        CREATE TABLE tenants."Orders" (tenant_id text NOT NULL, "Id" int NOT NULL, PRIMARY KEY (tenant_id, "Id"));
        ALTER TABLE tenants."Orders" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE tenants."Orders" FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON tenants."Orders" USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')));
        """;

    /// <summary>What is wrong with the role {0} (another one is {1}), and what the refusal says of it.</summary>
    public static TheoryData<string, string> Defects => new()
    {
        { "ALTER ROLE {0} SUPERUSER", "it is a superuser" },
        { "ALTER ROLE {0} BYPASSRLS", "it has BYPASSRLS" },
        { "ALTER TABLE tenants.\"Orders\" OWNER TO {0}", "it owns the table tenants.\"Orders\"" },
        { "ALTER TABLE tenants.\"Orders\" OWNER TO {1}; GRANT {1} TO {0}", "which owns the table tenants.\"Orders\"" },
        { "ALTER ROLE {1} BYPASSRLS; GRANT {1} TO {0}", "which bypasses policies" },
        { "ALTER ROLE {1} SUPERUSER; CREATE ROLE {1}_between; GRANT {1} TO {1}_between; GRANT {1}_between TO {0}", "which bypasses policies" },
        { "GRANT TRUNCATE ON tenants.\"Orders\" TO {0}", "it may TRUNCATE tenants.\"Orders\"" },
        { "GRANT TRUNCATE ON tenants.\"Orders\" TO PUBLIC", "it may TRUNCATE tenants.\"Orders\"" },
        { "GRANT TRUNCATE ON tenants.\"Orders\" TO {1}; ALTER ROLE {0} NOINHERIT; GRANT {1} TO {0}", "it may TRUNCATE tenants.\"Orders\"" },
        { "ALTER ROLE {0} SUPERUSER BYPASSRLS; ALTER TABLE tenants.\"Orders\" OWNER TO {0}; GRANT TRUNCATE ON tenants.\"Orders\" TO PUBLIC", "BYPASSRLS" },
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Defects))]
    public async Task A_role_for_which_policies_do_not_hold_is_refused_at_start_up_and_starts_once_the_sql_of_the_refusal_has_run(string defect, string says)
    {
        var (database, role, other) = await DatabaseAsync();
        await ExecuteAsync(database, string.Format(null, defect, role, other));

        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(PostgresServer.As(role, database)));

        refusal.Message.ShouldContain(says);
        refusal.Message.ShouldContain($"'{role}'");
        await ExecuteAsync(database, refusal.RemedySql!);
        await StartAsync(PostgresServer.As(role, database));
    }

    [Fact]
    public async Task A_role_for_which_policies_hold_starts()
    {
        var (database, role, _) = await DatabaseAsync();
        await StartAsync(PostgresServer.As(role, database));
    }

    [Fact]
    public async Task The_superuser_that_the_server_was_made_with_is_refused_with_the_sql_for_another_role()
    {
        var (database, _, _) = await DatabaseAsync();
        await ExecuteAsync(database, "ALTER TABLE tenants.\"Orders\" OWNER TO CURRENT_USER");

        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(database));

        refusal.RemedySql.ShouldNotBeNull().ShouldContain("CREATE ROLE \"freehold_app\" LOGIN NOSUPERUSER NOBYPASSRLS");
    }

    [Fact]
    public async Task Where_tables_change_hands_they_go_to_the_role_that_migrates()
    {
        var (database, role, migrator) = await DatabaseAsync();
        await ExecuteAsync(database, $"ALTER TABLE tenants.\"Orders\" OWNER TO {role}");

        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(
            () => StartAsync(PostgresServer.As(role, database), server => server.MigrationConnectionString = PostgresServer.As(migrator, database)));

        refusal.RemedySql.ShouldNotBeNull().ShouldContain($"OWNER TO {migrator};");
    }

    [Fact]
    public async Task Without_rows_of_several_tenants_in_a_table_any_role_starts()
    {
        var (database, _, _) = await DatabaseAsync();
        using var host = Build(database, Isolation.Schema);
        await host.StartAsync(Cancelled);
    }

    [Fact]
    public async Task A_server_that_cannot_be_asked_at_start_up_is_asked_before_the_first_connection_of_a_tenant()
    {
        var (database, role, _) = await DatabaseAsync();
        await ExecuteAsync(database, $"ALTER ROLE {role} NOLOGIN BYPASSRLS");
        using var host = Build(PostgresServer.As(role, database), Isolation.Row);
        await host.StartAsync(Cancelled);
        await using var db = host.Services.GetRequiredService<ITenantDbContextFactory<PlainDb>>().Create(new Tenant("acme"));
        await Should.ThrowAsync<NpgsqlException>(() => db.Database.OpenConnectionAsync(Cancelled));

        await ExecuteAsync(database, $"ALTER ROLE {role} LOGIN");

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => db.Database.OpenConnectionAsync(Cancelled))).Message.ShouldContain("BYPASSRLS");
        Should.Throw<MultiTenancyConfigurationException>(() => db.Database.OpenConnection()).Message.ShouldContain("BYPASSRLS");
        await ExecuteAsync(database, $"ALTER ROLE {role} NOBYPASSRLS");
        await db.Database.OpenConnectionAsync(Cancelled);
    }

    private static async Task<(string Database, string Role, string Other)> DatabaseAsync()
    {
        var server = await PostgresServer.GetAsync();
        var (database, role, other) = (await server.CreateDatabaseAsync(), await server.CreateRoleAsync(), await server.CreateRoleAsync());
        await ExecuteAsync(database, Tables + $"""
            CREATE ROLE {role}_tables NOLOGIN;
            ALTER TABLE tenants."Orders" OWNER TO {role}_tables;
            GRANT USAGE ON SCHEMA tenants TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenants TO {role};
            """);
        return (database, role, other);
    }

    private static async Task StartAsync(string connectionString, Action<NpgsqlServerOptions>? server = null)
    {
        using var host = Build(connectionString, Isolation.Row, server);
        await host.StartAsync(Cancelled);
        await host.StopAsync(Cancelled);
    }

    private static IHost Build(string connectionString, Isolation isolation, Action<NpgsqlServerOptions>? server = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMultiTenancy(tenancy => tenancy.UseNpgsql(connectionString, server: server).IsolateBy(isolation).AddDbContext<PlainDb>());
        return builder.Build();
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
