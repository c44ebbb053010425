using Hangfire;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using Hangfire.Storage;

namespace Freehold.Integrations.Hangfire.Recurring;

/// <summary>What a definition for each tenant fires: creates a job in every active tenant of the list as it is now, and does no work of theirs.</summary>
[AllowNoTenant]
internal sealed class EachTenantJob(ITenantStore store, IBackgroundJobClient client, TenantSigner signer)
{
    // Every tenant's: no tenant has this id.
    private const string Everybody = "*";

    public static Job Define(Job job, TenantSigner signer)
    {
        var (name, text) = (job.ToString(), RecurringRecord.Text(job));
        var signature = signer.Sign(TenantCarrier.Job, Everybody, "each tenant", name, text);
        return Job.FromExpression<EachTenantJob>(each => each.RunAsync(name, text, signature, null!, CancellationToken.None));
    }

    [JobDisplayName("{0} for each tenant")]
    public async Task<string> RunAsync(string name, string job, string? signature, PerformContext context, CancellationToken cancellationToken)
    {
        signer.Verify(TenantCarrier.Job, Everybody, signature, "each tenant", name, job);
        var work = InvocationData.DeserializePayload(job).DeserializeJob();
        var created = new EachTenantRecord(context);
        List<Exception> failures = [];
        await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (tenant.State == TenantState.Active && !created.Contains(tenant.Id))
            {
                try
                {
                    await created.AddAsync(tenant.Id, Create(work, tenant), cancellationToken).ConfigureAwait(false);
                }
                catch (Exception failure)
                {
                    failures.Add(new InvalidOperationException($"No job was created for tenant '{tenant.Id}': {failure.Message}", failure));
                }
            }
        }

        created.Expire();
        return failures.Count == 0 ? $"{created.Count} jobs" : throw new AggregateException(failures);
    }

    private string Create(Job work, Tenant tenant)
    {
        using (TenantScope.Enter(tenant))
        {
            return client.Create(work, new EnqueuedState()) ?? "";
        }
    }
}
