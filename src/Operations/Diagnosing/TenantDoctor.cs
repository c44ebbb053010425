using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Data.Probing;
using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold.Operations.Diagnosing;

/// <summary>Asks each database once, as its administrator, and looks at each server with the application's own eyes.</summary>
internal sealed class TenantDoctor(
    DatabaseProvider provider, ITenantStore store, TenantPlacer placer, TenantPlaces places, IOptions<MultiTenancyOptions> options, IOptions<TenantNamingOptions> naming)
    : ITenantDoctor
{
    public async Task<DoctorReport> ExamineAsync(CancellationToken cancellationToken = default)
    {
        if (provider is not NpgsqlProvider npgsql)
        {
            return new([]);
        }

        var findings = new List<DoctorFinding>();
        foreach (var server in npgsql.Servers)
        {
            foreach (var database in await DatabasesAsync(server.Name, cancellationToken).ConfigureAwait(false))
            {
                findings.AddRange(await ExplainedAsync(server, database, () => CatalogAsync(server, database, cancellationToken)).ConfigureAwait(false));
            }

            findings.AddRange(await ExplainedAsync(server, null, () => SessionsAsync(server, npgsql.Probes, cancellationToken)).ConfigureAwait(false));
        }

        return new([.. findings.OrderByDescending(finding => finding.Severity)]);
    }

    // The server's own (null), and those that records name for tenants who are not alone there.
    private async Task<IReadOnlyCollection<string?>> DatabasesAsync(string server, CancellationToken cancellationToken)
    {
        var databases = new HashSet<string?> { null };
        await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (tenant is { State: not TenantState.Deleted, Placement: { Database: not null, Isolation: not Isolation.Database } placement } && placement.Server == server)
            {
                databases.Add(placer.Place(tenant).Database);
            }
        }

        return databases;
    }

    private async Task<IEnumerable<DoctorFinding>> CatalogAsync(NpgsqlServer server, string? database, CancellationToken cancellationToken)
    {
        var placement = new ResolvedPlacement(Isolation.Row, server.Name, database, naming.Value.RowSchema);
        var connection = (NpgsqlConnection)provider.CreateAdministrative(placement, maintenance: false);
        await using var _ = connection.ConfigureAwait(false);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        var role = server.Configured().ConnectionStringBuilder.Username ?? connection.UserName ?? "";
        var owner = server.Grantee() is null ? "" : server.Administrative().Username ?? "";
        var protect = RowPolicies.ProtectSql(naming.Value.TenantColumn);
        var findings = new List<DoctorFinding>();
        await foreach (var row in RowsAsync(connection, [naming.Value.RowSchema, naming.Value.TenantColumn, role, protect, owner], cancellationToken).ConfigureAwait(false))
        {
            findings.Add(Found(server, connection.Database, row[0]!, row[1]!, row[2]!, row[3]));
        }

        if (options.Value.HasRow && DoctorRules.Lacks(connection.PostgreSqlVersion) is { } release)
        {
            findings.Add(Found(
                server, connection.Database, DoctorRules.OldServer, $"PostgreSQL {connection.PostgreSqlVersion}",
                $"it is older than {release}, which mends row-level security with cached plans and with ON CONFLICT. Update the server", null));
        }

        return findings;
    }

    private async Task<IEnumerable<DoctorFinding>> SessionsAsync(NpgsqlServer server, ProbeSettings settings, CancellationToken cancellationToken)
    {
        var source = ServerGate.Open(server, database: null, settings);
        await using var _ = source.ConfigureAwait(false);
        var (probe, findings) = (new SessionProbe(server, settings), new List<DoctorFinding>());
        foreach (var (rule, ask) in new (string, Func<NpgsqlDataSource, CancellationToken, Task<MultiTenancyConfigurationException?>>)[]
                 {
                     (DoctorRules.OpenPath, probe.PathDefectAsync), (DoctorRules.UnknownPooler, probe.PoolerDefectAsync),
                 })
        {
            MultiTenancyConfigurationException? defect;
            try
            {
                defect = await ask(source, cancellationToken).ConfigureAwait(false);
            }
            catch (MultiTenancyConfigurationException refused)
            {
                // It did not even let a session start on the closed path: that is told once.
                return [Found(server, "", DoctorRules.UnknownPooler, server.Name, refused.Message, null)];
            }

            if (defect is not null)
            {
                findings.Add(Found(server, "", rule, server.Name, defect.Message, defect.RemedySql));
            }
        }

        return findings;
    }

    private static async IAsyncEnumerable<string?[]> RowsAsync(
        NpgsqlConnection connection, string[] values, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(DoctorSql.All, connection);
        await using var _ = command.ConfigureAwait(false);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return [reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3)];
        }
    }

    private DoctorFinding Found(NpgsqlServer server, string database, string rule, string subject, string finding, string? remedy) =>
        new(rule, DoctorRules.Severity(rule, options.Value.HasRow), server.Name, database, subject, finding, remedy);

    private async Task<T> ExplainedAsync<T>(NpgsqlServer server, string? database, Func<Task<T>> examine)
    {
        try
        {
            return await examine().ConfigureAwait(false);
        }
        catch (DbException failure)
        {
            var site = new Site(Tenant: null, new ResolvedPlacement(Isolation.Schema, server.Name, database, naming.Value.SharedSchema));
            throw places.Explain(site, $"Examining server '{server.Name}'", failure);
        }
    }
}
