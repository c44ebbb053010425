using System.Net.Sockets;
using Freehold.Shared;
using Npgsql;

namespace Freehold.Core.Tests;

public class ServersTests
{
    [Fact]
    public async Task PostgreSQL_answers_in_a_database_of_its_own()
    {
        var server = await PostgresServer.GetAsync();
        var databases = await Task.WhenAll(server.CreateDatabaseAsync(), server.CreateDatabaseAsync());

        databases[0].ShouldNotBe(databases[1]);
        foreach (var database in databases)
        {
            await using var source = NpgsqlDataSource.Create(database);
            await using var count = source.CreateCommand(
                "SELECT count(*)::int FROM pg_class WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^(pg_|information_schema)')");
            (await count.ExecuteScalarAsync(TestContext.Current.CancellationToken)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task RabbitMQ_answers_with_a_virtual_host_of_its_own()
    {
        var server = await RabbitServer.GetAsync();
        var hosts = await Task.WhenAll(server.CreateVirtualHostAsync(), server.CreateVirtualHostAsync());

        hosts[0].Name.ShouldNotBe(hosts[1].Name);
        using var client = new TcpClient();
        await client.ConnectAsync(hosts[0].Host, hosts[0].Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("AMQP\0\0\x9\x1"u8.ToArray(), TestContext.Current.CancellationToken);
        client.GetStream().ReadByte().ShouldBe(1, "a method frame: Connection.Start");
    }
}
