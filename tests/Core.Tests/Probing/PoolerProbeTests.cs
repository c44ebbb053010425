using Freehold.Core.Tests.Data;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Freehold.Core.Tests.Probing;

/// <summary>A real PgBouncer in front: what would hand one client's session to another is refused, what cannot starts.</summary>
public sealed class PoolerProbeTests
{
    private const string Dropping = "ignore_startup_parameters = search_path";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pooler_that_takes_no_search_path_is_refused_with_the_option_that_is_missing()
    {
        await using var pooler = await PgBouncer.StartAsync(await DatabaseAsync());
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(pooler.ConnectionString)))
            .Message.ShouldContain("Pooler = PoolerMode.Transaction");
    }

    [Theory]
    [InlineData("transaction")]
    [InlineData("session")]
    public async Task A_pooler_that_drops_the_search_path_is_refused_because_a_session_without_a_tenant_would_read_public(string mode)
    {
        await using var pooler = await PgBouncer.StartAsync(await DatabaseAsync(isClosed: false), sessions: 5, mode, Dropping);
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(pooler.ConnectionString))).Message.ShouldContain("would read '$user'");
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(5, "")]
    [InlineData(5, "server_round_robin = 1")]
    [InlineData(2, "server_round_robin = 1\nmin_pool_size = 2")]
    public async Task A_pooler_that_gives_sessions_away_after_every_transaction_is_found_where_nobody_said_so(int sessions, string settings)
    {
        await using var pooler = await PgBouncer.StartAsync(await DatabaseAsync(), sessions, settings: $"{Dropping}\n{settings}");
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(pooler.ConnectionString)))
            .Message.ShouldContain("gives a session to another client after every transaction");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task A_pooler_that_leaves_a_session_to_its_client_starts(int sessions)
    {
        await using var pooler = await PgBouncer.StartAsync(await DatabaseAsync(), sessions, "session", Dropping);
        await StartAsync(pooler.ConnectionString);
    }

    [Fact]
    public async Task Behind_a_pooler_the_roles_default_path_has_to_be_closed_and_the_refusal_says_how()
    {
        var database = await DatabaseAsync(isClosed: false);
        var refusal = await PgBouncerAsync(async pooler => await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(pooler, PoolerMode.Transaction)));

        refusal.Message.ShouldContain("would read '$user'");
        await ExecuteAsync((await PostgresServer.GetAsync()).ConnectionString, refusal.RemedySql!);
        await PgBouncerAsync(async pooler =>
        {
            await StartAsync(pooler, PoolerMode.Transaction);
            return 0;
        });

        async Task<T> PgBouncerAsync<T>(Func<string, Task<T>> work)
        {
            await using var pooler = await PgBouncer.StartAsync(database);
            return await work(pooler.ConnectionString);
        }
    }

    [Fact]
    public void Statements_prepared_in_one_session_are_refused_where_the_next_one_is_another()
    {
        Should.Throw<MultiTenancyConfigurationException>(() => new ServiceCollection().AddMultiTenancy(
            tenancy => tenancy.UseNpgsql("Host=localhost;Max Auto Prepare=10", server: server => server.Pooler = PoolerMode.Transaction)))
            .Message.ShouldContain("Max Auto Prepare");
    }

    [Fact]
    public async Task The_option_without_a_pooler_does_no_harm() => await StartAsync(await DatabaseAsync(), PoolerMode.Transaction);

    private static async Task<string> DatabaseAsync(bool isClosed = true)
    {
        var server = await PostgresServer.GetAsync();
        var role = await server.CreateRoleAsync();
        if (isClosed)
        {
            await ExecuteAsync(server.ConnectionString, $"ALTER ROLE {role} SET search_path TO freehold_nobody");
        }

        return PostgresServer.As(role, await server.CreateDatabaseAsync());
    }

    private static async Task StartAsync(string connectionString, PoolerMode mode = PoolerMode.None)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(connectionString, server: server => server.Pooler = mode).IsolateBy(Isolation.Schema).AddDbContext<PlainDb>());
        using var host = builder.Build();
        await host.StartAsync(Cancelled);
        await host.StopAsync(Cancelled);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
