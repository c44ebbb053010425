using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Caching;

/// <summary>
/// The same for compiled operations, which HotChocolate keeps under their document's id: named before they are looked up, since those who ask for one at
/// the same time wait for one compilation.
/// </summary>
internal static class SafeOperations
{
    public static void Name(RequestContext context, Tenant? tenant, bool perTenant)
    {
        var document = context.OperationDocumentInfo;
        var id = document.IsPersisted && !document.Id.IsEmpty ? $"id:{document.Id.Value}"
            : !document.Hash.IsEmpty ? $"hash:{document.Hash.Value}"
            : null;
        if (id is not null)
        {
            var owner = !perTenant ? "all" : tenant is null ? "nobody" : $"tenant:{tenant.Id}";
            context.SetOperationId($"{context.Schema.Name}-{context.ExecutorVersion}-{owner}-{id}+{context.Request.OperationName}");
        }
    }
}
