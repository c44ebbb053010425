using Freehold;

namespace Shop.MadeUp;

/// <summary>Of no document: what the tests of the extractor take as compiled.</summary>
internal static class MadeUp
{
    public static string Greet(Tenant tenant)
    {
        return $"Welcome, {tenant.Name}.";
    }
}
