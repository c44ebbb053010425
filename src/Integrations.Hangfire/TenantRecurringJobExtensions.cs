using System.Linq.Expressions;
using Freehold.Integrations.Hangfire.Hosts;
using Freehold.Integrations.Hangfire.Recurring;
using Hangfire;
using Hangfire.Common;

namespace Freehold;

/// <summary>Recurring jobs of one tenant, and of each.</summary>
/// <remarks>Of an application that called <c>UseMultiTenancy</c>; otherwise all of them throw <see cref="MultiTenancyConfigurationException"/>.</remarks>
public static class TenantRecurringJobExtensions
{
    /// <summary>
    /// Runs a job in one tenant, again and again, whoever triggers it. Its id in Hangfire is <c>tenant::id</c>. While there is no such tenant, or
    /// it is suspended, the job is left out and a warning is logged.
    /// </summary>
    /// <param name="jobs">Hangfire's recurring jobs.</param>
    /// <param name="tenantId">The tenant. It need not exist yet.</param>
    /// <param name="id">The job's id among those of the tenant.</param>
    /// <param name="call">What to run. Its queue is that of <see cref="QueueAttribute"/> on its class or method.</param>
    /// <param name="cron">When, in Hangfire's notation (<see cref="Cron"/>).</param>
    /// <param name="options">Hangfire's options; UTC by default.</param>
    /// <exception cref="InvalidTenantIdException">The id breaks a rule.</exception>
    public static void AddOrUpdateForTenant<T>(
        this IRecurringJobManager jobs, string tenantId, string id, Expression<Func<T, Task>> call, string cron, RecurringJobOptions? options = null) =>
        jobs.AddForTenant(TenantId.Parse(tenantId), id, Job.FromExpression(call), cron, options);

    /// <inheritdoc cref="AddOrUpdateForTenant{T}(IRecurringJobManager, string, string, Expression{Func{T, Task}}, string, RecurringJobOptions)" />
    public static void AddOrUpdateForTenant<T>(
        this IRecurringJobManager jobs, string tenantId, string id, Expression<Action<T>> call, string cron, RecurringJobOptions? options = null) =>
        jobs.AddForTenant(TenantId.Parse(tenantId), id, Job.FromExpression(call), cron, options);

    /// <summary>
    /// Runs a job in each tenant, again and again: when it is due, a job of its own is created in every tenant that is active then, so that
    /// each is retried, fails and is seen by itself. As many run at once as the servers of its queue have workers.
    /// </summary>
    /// <param name="jobs">Hangfire's recurring jobs.</param>
    /// <param name="id">The id in Hangfire.</param>
    /// <param name="call">What to run. Its queue is that of <see cref="QueueAttribute"/> on its class or method.</param>
    /// <param name="cron">When, in Hangfire's notation (<see cref="Cron"/>).</param>
    /// <param name="options">Hangfire's options; UTC by default.</param>
    public static void AddOrUpdateForEachTenant<T>(
        this IRecurringJobManager jobs, string id, Expression<Func<T, Task>> call, string cron, RecurringJobOptions? options = null) =>
        jobs.AddForEachTenant(id, Job.FromExpression(call), cron, options);

    /// <inheritdoc cref="AddOrUpdateForEachTenant{T}(IRecurringJobManager, string, Expression{Func{T, Task}}, string, RecurringJobOptions)" />
    public static void AddOrUpdateForEachTenant<T>(
        this IRecurringJobManager jobs, string id, Expression<Action<T>> call, string cron, RecurringJobOptions? options = null) =>
        jobs.AddForEachTenant(id, Job.FromExpression(call), cron, options);

    /// <summary>Removes one recurring job of a tenant. Removing none does nothing.</summary>
    /// <exception cref="InvalidTenantIdException">The id breaks a rule.</exception>
    public static void RemoveForTenant(this IRecurringJobManager jobs, string tenantId, string id)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        jobs.RemoveIfExists(RecurringRecord.IdOf(TenantId.Parse(tenantId), id));
    }

    /// <summary>
    /// Removes all recurring jobs of a tenant: call it where the tenant is removed, or they belong to the next one of that id. Jobs they have
    /// created stay, and are refused with <c>TENANT_UNKNOWN</c> when they run.
    /// </summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="InvalidTenantIdException">The id breaks a rule.</exception>
    public static int RemoveTenantJobs(this IRecurringJobManager jobs, string tenantId)
    {
        var tenant = TenantId.Parse(tenantId);
        string[] ids;
        using (var connection = jobs.StorageOf().GetConnection())
        {
            ids = [.. RecurringRecord.IdsOf(tenant, connection)];
        }

        foreach (var id in ids)
        {
            jobs.RemoveIfExists(id);
        }

        return ids.Length;
    }

    private static void AddForTenant(this IRecurringJobManager jobs, TenantId tenant, string id, Job job, string cron, RecurringJobOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var storage = jobs.StorageOf();
        var recurringId = RecurringRecord.IdOf(tenant, id);

        // Fired between the two, a new definition names no tenant and is refused: Hangfire tries it again.
        jobs.AddOrUpdate(recurringId, job, cron, options ?? new());
        using var connection = storage.GetConnection();
        RecurringRecord.SetTenant(connection, SignerOf(storage), tenant, recurringId, job);
    }

    private static void AddForEachTenant(this IRecurringJobManager jobs, string id, Job job, string cron, RecurringJobOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        jobs.AddOrUpdate(id, EachTenantJob.Define(job, SignerOf(jobs.StorageOf())), cron, options ?? new());
    }

    private static JobStorage StorageOf(this IRecurringJobManager jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        return (jobs as IRecurringJobManagerV2)?.Storage ?? throw new MultiTenancyConfigurationException(
            $"{jobs.GetType().Name} does not say which JobStorage it works on: let it implement Hangfire's IRecurringJobManagerV2.");
    }

    private static TenantSigner SignerOf(JobStorage storage) => TenantHosts.Find(storage)?.Signer ?? throw new MultiTenancyConfigurationException(
        "These recurring jobs are in a JobStorage of no application with tenants: call UseMultiTenancy in the callback of AddHangfire.");
}
