using System.Diagnostics.CodeAnalysis;
using HotChocolate.Execution;
using HotChocolate.Language;

namespace Freehold.Integrations.HotChocolate.Caching;

/// <summary>Keeps parsed documents apart by tenant, where the same id is another document for each.</summary>
internal sealed class TenantDocuments(IDocumentCache cache, ITenantContext tenants) : IDocumentCache
{
    public int Capacity => cache.Capacity;

    public int Count => cache.Count;

    public bool TryGetDocument(string documentId, [NotNullWhen(true)] out CachedDocument? document) => cache.TryGetDocument(Own(documentId), out document);

    public void TryAddDocument(string documentId, CachedDocument document) => cache.TryAddDocument(Own(documentId), document);

    /// <summary>The name under which a tenant's document or operation is kept.</summary>
    public static string Own(string id, Tenant? tenant) => tenant is null ? $"nobody:{id}" : $"tenant:{tenant.Id}:{id}";

    /// <summary>
    /// The same for compiled operations: told before they are looked up, since those who ask for one at the same time wait for one compilation.
    /// </summary>
    public static ValueTask NameOperationAsync(RequestContext context, ITenantContext tenants, RequestDelegate next)
    {
        if (!context.OperationDocumentInfo.Id.IsEmpty)
        {
            var operation = $"{context.OperationDocumentInfo.Id.Value}+{context.Request.OperationName}";
            context.SetOperationId($"{context.Schema.Name}-{context.ExecutorVersion}-{Own(operation, tenants.Current)}");
        }

        return next(context);
    }

    private string Own(string id) => Own(id, tenants.Current);
}
