using System.Runtime.CompilerServices;
using Npgsql;

namespace Freehold.Core.Stores.Catalog;

/// <summary>The list of tenants in a PostgreSQL table.</summary>
internal sealed class PostgresTenantCatalog : ITenantStore, IAtomicTenantRegistry, IDisposable
{
    private const int PageSize = 500;

    private readonly NpgsqlDataSource _source;
    private readonly CatalogSql _sql;
    private readonly CatalogSchema _schema;

    /// <summary>On a data source, which it owns, in a schema of that name.</summary>
    public PostgresTenantCatalog(NpgsqlDataSource source, string schema)
    {
        _source = source;
        _sql = new CatalogSql(schema);
        _schema = new CatalogSchema(source, _sql);
    }

    public async ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default)
    {
        await _schema.EnsureAsync(cancellationToken).ConfigureAwait(false);
        using var command = Command(_sql.Find, id.Value);
        return (await ReadAsync(command, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
    }

    // By pages, so that a consumer that takes its time holds no connection and no snapshot.
    public async IAsyncEnumerable<Tenant> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await _schema.EnsureAsync(cancellationToken).ConfigureAwait(false);
        List<Tenant> page;
        var last = "";
        do
        {
            using var command = Command(_sql.List, last);
            command.Parameters.Add(new() { Value = PageSize });
            page = await ReadAsync(command, cancellationToken).ConfigureAwait(false);
            foreach (var tenant in page)
            {
                yield return tenant;
                last = tenant.Id.Value;
            }
        }
        while (page.Count == PageSize);
    }

    public Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default) =>
        WriteAsync(_sql.Add, [tenant], command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);

    public async Task<bool> TryUpdateAsync(Tenant expected, Tenant changed, CancellationToken cancellationToken = default) => await WriteAsync(
        _sql.TryUpdate, [changed, expected], command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken).ConfigureAwait(false) > 0;

    public async Task<Tenant?> ClaimSpareAsync(Tenant wanted, CancellationToken cancellationToken = default) => (await WriteAsync(
        _sql.ClaimSpare,
        [wanted with { State = TenantState.Provisioning, Failure = null }],
        command => ReadAsync(command, cancellationToken),
        cancellationToken).ConfigureAwait(false)).SingleOrDefault();

    public async Task UpdateAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        if (await WriteAsync(_sql.Update, [tenant], command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken).ConfigureAwait(false) == 0)
        {
            throw new TenantUnknownException(tenant.Id.Value);
        }
    }

    public async Task RemoveAsync(TenantId id, CancellationToken cancellationToken = default)
    {
        await _schema.EnsureAsync(cancellationToken).ConfigureAwait(false);
        using var command = Command(_sql.Remove, id.Value);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _schema.Dispose();
        _source.Dispose();
    }

    private static async Task<List<Tenant>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var tenants = new List<Tenant>();
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            tenants.Add(TenantRow.Read(reader));
        }

        return tenants;
    }

    // The first record is the one that is written.
    private async Task<T> WriteAsync<T>(string text, Tenant[] records, Func<NpgsqlCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        await _schema.EnsureAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var command = _source.CreateCommand(text);
            foreach (var record in records)
            {
                TenantRow.Write(command.Parameters, record);
            }

            return await run(command).ConfigureAwait(false);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new TenantConflictException(records[0].Id, await MeetsAsync(records[0], taken, cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<string> MeetsAsync(Tenant tenant, PostgresException taken, CancellationToken cancellationToken)
    {
        if (taken.ConstraintName == CatalogSql.UniquePlacement)
        {
            return "the server, database and schema that its placement names are another tenant's";
        }

        using var command = Command(_sql.Meeting, tenant.Id.Value);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string other
            ? $"there is a tenant '{other}' already"
            : "its id, or the place of its data, was another tenant's just now";
    }

    private NpgsqlCommand Command(string text, string id)
    {
        var command = _source.CreateCommand(text);
        command.Parameters.Add(new() { Value = id });
        return command;
    }
}
