using DotNet.Testcontainers.Builders;
using Testcontainers.RabbitMq;

namespace Freehold.Shared;

/// <summary>RabbitMQ as a container; Testcontainers removes it when this process has ended.</summary>
internal static class Containers
{
    public const string RabbitImage = "rabbitmq:4-management-alpine";

    private const ushort ManagementPort = 15672;

    public static async Task<Uri> StartRabbitAsync()
    {
        var container = await StartAsync();
        return new UriBuilder(container.GetConnectionString()) { Query = $"management={container.GetMappedPublicPort(ManagementPort)}" }.Uri;
    }

    private static async Task<RabbitMqContainer> StartAsync()
    {
        try
        {
            var container = new RabbitMqBuilder(RabbitImage).WithPortBinding(ManagementPort, true).Build();
            await container.StartAsync();
            return container;
        }
        catch (DockerUnavailableException e)
        {
            throw new ServerMissingException(
                $"There is no RabbitMQ. Install it (Debian: apt-get install rabbitmq-server), or start Docker, or give a server by {RabbitServer.EnvironmentVariable}.", e);
        }
    }
}
