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

    /// <exception cref="TenantMismatchException">It is another tenant's.</exception>
    public static void Claim(Tenant tenant)
    {
        if (Transaction.Current is not { } transaction)
        {
            return;
        }

        var key = transaction.TransactionInformation.LocalIdentifier;
        if (Owners.TryAdd(key, tenant.Id))
        {
            transaction.TransactionCompleted += (_, _) => Owners.TryRemove(key, out _);
        }
        else if (Owners.TryGetValue(key, out var owner) && owner != tenant.Id)
        {
            throw new TenantMismatchException(owner.Value, tenant.Id.Value, "Opening a connection in a TransactionScope");
        }
    }
}
