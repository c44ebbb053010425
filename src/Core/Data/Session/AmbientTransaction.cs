using System.Collections.Concurrent;
using System.Transactions;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Whose a <see cref="TransactionScope"/> is. Npgsql hands the session of one to every connection that is opened in it, as the last one
/// left it: search path, role, temporary tables. So it is one tenant's.
/// </summary>
internal static class AmbientTransaction
{
    private static readonly ConcurrentDictionary<string, TenantId> Owners = new(StringComparer.Ordinal);

    /// <summary>Makes it the tenant's; whose it is, if it is another's already.</summary>
    public static TenantId? OtherOwner(Tenant tenant)
    {
        if (Transaction.Current is not { } transaction)
        {
            return null;
        }

        var key = transaction.TransactionInformation.LocalIdentifier;
        if (Owners.TryAdd(key, tenant.Id))
        {
            transaction.TransactionCompleted += (_, _) => Owners.TryRemove(key, out _);
            return null;
        }

        return Owners.TryGetValue(key, out var owner) && owner != tenant.Id ? owner : null;
    }
}
