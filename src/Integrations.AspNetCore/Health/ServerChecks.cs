using Freehold.Core.Data.Budget;
using Freehold.Core.Data.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.AspNetCore;

/// <summary>A health check for each server, however late it was added.</summary>
internal sealed class ServerChecks(IEnumerable<NpgsqlServer> servers) : IConfigureOptions<HealthCheckServiceOptions>
{
    public void Configure(HealthCheckServiceOptions options)
    {
        foreach (var server in servers)
        {
            options.Registrations.Add(new($"tenant-server:{server.Name}", services => Check(server, services), failureStatus: null, ["tenant-server"]));
        }
    }

    private static ServerCheck Check(NpgsqlServer server, IServiceProvider services) => new(
        server, (NpgsqlProvider)services.GetRequiredService<DatabaseProvider>(), services.GetService<ConnectionBudget>()?.Of(server.Name, server.MaxPoolSize));
}
