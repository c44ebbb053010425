using System.Diagnostics.CodeAnalysis;
using HotChocolate.Language;

namespace Freehold.Integrations.HotChocolate.Caching;

/// <summary>
/// Nobody chooses what another client's query means: HotChocolate keeps documents under ids that clients name, and looks plain queries up by their
/// hash, which is such an id too. What came with a request is kept under its own hash only. Where the same id is another document for each tenant,
/// each has a part of the cache, and who has no tenant has none.
/// </summary>
internal sealed class SafeDocuments(IDocumentCache cache, ITenantContext tenants, bool perTenant) : IDocumentCache
{
    public int Capacity => cache.Capacity;

    public int Count => cache.Count;

    public bool TryGetDocument(string documentId, [NotNullWhen(true)] out CachedDocument? document)
    {
        if (Own(documentId) is { } own && cache.TryGetDocument(own, out document))
        {
            return true;
        }

        document = null;
        return false;
    }

    public void TryAddDocument(string documentId, CachedDocument document)
    {
        if ((document.IsPersisted || document.Hash.Value == documentId) && Own(documentId) is { } own)
        {
            cache.TryAddDocument(own, document);
        }
    }

    private string? Own(string id) => !perTenant ? id : tenants.Current is { } tenant ? $"tenant:{tenant.Id}:{id}" : null;
}
