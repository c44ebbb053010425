using Hangfire.Server;
using Hangfire.Storage;

namespace Freehold.Integrations.Hangfire.Recurring;

/// <summary>Which tenants have their job already, kept in the storage: when it runs again, after a failure or a crash, none gets a second one.</summary>
internal sealed class EachTenantRecord
{
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

    public void Add(TenantId tenant, string jobId)
    {
        _jobs.Add(tenant.Value, jobId);
        _context.Connection.SetRangeInHash(_key, [new(tenant.Value, jobId)]);
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
