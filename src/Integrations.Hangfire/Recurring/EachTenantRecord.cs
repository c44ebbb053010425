using Hangfire.Server;
using Hangfire.Storage;

namespace Freehold.Integrations.Hangfire.Recurring;

/// <summary>Which tenants have their job already, kept in the storage: when it runs again, after a failure or a crash, none gets a second one.</summary>
internal sealed class EachTenantRecord
{
    private const int Attempts = 7;

    private readonly PerformContext _context;
    private readonly string _key;
    private readonly Dictionary<string, string> _jobs;

    public EachTenantRecord(PerformContext context)
    {
        _context = context;
        _key = "freehold:each-tenant:" + context.BackgroundJob.Id;
        _jobs = context.Connection.GetAllEntriesFromHash(_key) ?? [];
    }

    public int Count => _jobs.Count;

    public bool Contains(TenantId tenant) => _jobs.ContainsKey(tenant.Value);

    /// <summary>
    /// Tries a few times: the job is made already, and would be made again if this failed. Hangfire.PostgreSql writes here in serializable transactions,
    /// of which some fail where many are under way.
    /// </summary>
    public async Task AddAsync(TenantId tenant, string jobId, CancellationToken cancellationToken)
    {
        _jobs.Add(tenant.Value, jobId);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _context.Connection.SetRangeInHash(_key, [new(tenant.Value, jobId)]);
                return;
            }
            catch (Exception) when (attempt < Attempts && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Random.Shared.Next(1 << attempt, 10 << attempt), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Expire()
    {
        using var transaction = _context.Connection.CreateWriteTransaction();
        if (transaction is JobStorageTransaction storage)
        {
            storage.ExpireHash(_key, _context.Storage.JobExpirationTimeout);
            storage.Commit();
        }
    }
}
