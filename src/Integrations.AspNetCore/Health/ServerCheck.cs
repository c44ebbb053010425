using Freehold.Core.Data.Budget;
using Freehold.Core.Data.Connections;
using Freehold.Core.Data.Probing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// Does a server answer? Asked on a connection of its own: a pool that tenants have used up is no reason to take the server for down.
/// </summary>
internal sealed class ServerCheck(NpgsqlServer server, NpgsqlProvider provider, ServerBudget? budget) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["server"] = server.Name };
        if (budget is not null)
        {
            (data["connections.in_use"], data["connections.waiting"], data["connections.limit"]) = (budget.InUse, budget.Waiting, budget.Limit);
        }

        try
        {
            var source = ServerGate.Open(server, database: null, provider.Probes);
            await using var closing = source.ConfigureAwait(false);
            using var command = source.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"Server '{server.Name}' answers.", data);
        }
        catch (NpgsqlException failure)
        {
            // The exception may name hosts and users: it is for the log. The description may be shown to whoever asks.
            return new(context.Registration.FailureStatus, $"Server '{server.Name}' does not answer: {failure.SqlState ?? "no connection"}.", failure, data);
        }
    }
}
