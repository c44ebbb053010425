using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace Freehold.Shared;

/// <summary>The servers as containers; Testcontainers removes them when this process has ended.</summary>
internal static class Containers
{
    public const string PostgresImage = "postgres:17-alpine";
    public const string RabbitImage = "rabbitmq:4-management-alpine";

    private const ushort ManagementPort = 15672;

    public static async Task<string> StartPostgresAsync()
    {
        var container = await StartAsync(
            "PostgreSQL",
            "postgresql",
            PostgresServer.EnvironmentVariable,
            () => new PostgreSqlBuilder(PostgresImage)
                .WithCommand("-c", "fsync=off", "-c", "max_connections=500", "-c", "max_locks_per_transaction=256")
                .Build());
        return container.GetConnectionString();
    }

    public static async Task<Uri> StartRabbitAsync()
    {
        var container = await StartAsync(
            "RabbitMQ",
            "rabbitmq-server",
            RabbitServer.EnvironmentVariable,
            () => new RabbitMqBuilder(RabbitImage).WithPortBinding(ManagementPort, true).Build());
        return new UriBuilder(container.GetConnectionString()) { Query = $"management={container.GetMappedPublicPort(ManagementPort)}" }.Uri;
    }

    private static async Task<TContainer> StartAsync<TContainer>(string name, string package, string variable, Func<TContainer> build)
        where TContainer : IContainer
    {
        try
        {
            var container = build();
            await container.StartAsync();
            return container;
        }
        catch (DockerUnavailableException e)
        {
            throw new ServerMissingException(
                $"There is no {name}. Install it (Debian: apt-get install {package}), or start Docker, or give a server by {variable}.", e);
        }
    }
}
