using Hangfire.Common;
using Hangfire.Storage;

namespace Freehold.Integrations.Hangfire.Recurring;

/// <summary>Hangfire's record of a recurring job, in which a tenant's has two fields more.</summary>
internal static class RecurringRecord
{
    // No tenant's id has a colon in it.
    private const string Separator = "::";

    public static string IdOf(TenantId tenant, string id) => tenant.Value + Separator + id;

    public static IEnumerable<string> IdsOf(TenantId tenant, IStorageConnection connection) =>
        connection.GetAllItemsFromSet("recurring-jobs").Where(id => id.StartsWith(tenant.Value + Separator, StringComparison.Ordinal));

    public static void SetTenant(IStorageConnection connection, TenantSigner signer, TenantId tenant, string recurringId, Job job) =>
        connection.SetRangeInHash(Key(recurringId), new Dictionary<string, string>
        {
            [TenantHeader.Name] = tenant.Value,
            [TenantHeader.Signature] = signer.Sign(TenantCarrier.Job, tenant.Value, "recurring", recurringId, Text(job)) ?? "",
        });

    /// <summary>The definition's tenant, or null where it has none.</summary>
    /// <exception cref="TenantUnknownException">It is not the one it was defined for.</exception>
    public static string? FindTenant(IStorageConnection connection, TenantSigner signer, string recurringId)
    {
        var fields = connection.GetAllEntriesFromHash(Key(recurringId));
        if (fields?.GetValueOrDefault(TenantHeader.Name) is not { } tenantId)
        {
            return null;
        }

        signer.Verify(
            TenantCarrier.Job, tenantId, fields.GetValueOrDefault(TenantHeader.Signature), "recurring", recurringId, fields.GetValueOrDefault("Job"));
        return tenantId;
    }

    /// <summary>A job as Hangfire keeps it in a definition, to the letter.</summary>
    public static string Text(Job job) => InvocationData.SerializeJob(job).SerializePayload();

    private static string Key(string recurringId) => "recurring-job:" + recurringId;
}
