using DotNet.Testcontainers.Builders;
using Testcontainers.PostgreSql;

namespace Freehold.Testing.Servers;

/// <summary>PostgreSQL as a container; Testcontainers removes it when this process has ended.</summary>
internal static class PostgresContainer
{
    public const string Image = "postgres:17-alpine";

    public static async Task<string> StartAsync()
    {
        try
        {
            var container = new PostgreSqlBuilder(Image)
                .WithCommand("-c", "fsync=off", "-c", "max_connections=500", "-c", "max_locks_per_transaction=256")
                .Build();
            await container.StartAsync().ConfigureAwait(false);
            return container.GetConnectionString();
        }
        catch (DockerUnavailableException e)
        {
            throw new ServerMissingException(
                $"There is no PostgreSQL. Install it (Debian: apt-get install postgresql), or start Docker, or give a server by {TestPostgres.EnvironmentVariable}.", e);
        }
    }
}
