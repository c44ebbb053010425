namespace Freehold;

/// <summary>What this process remembers of the tenant store. The registry forgets by itself what it writes; call this for changes made elsewhere.</summary>
public interface ITenantCache
{
    /// <summary>Forgets one tenant: the next question about it goes to the store, also if an answer was under way.</summary>
    void Forget(TenantId id);

    /// <summary>Forgets all tenants.</summary>
    void Clear();
}
