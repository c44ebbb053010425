namespace Freehold.Core.Stores.Caching;

/// <summary>For stores that are memory already: there is nothing to forget.</summary>
internal sealed class NoTenantCache : ITenantCache
{
    public void Forget(TenantId id)
    {
    }

    public void Clear()
    {
    }
}
