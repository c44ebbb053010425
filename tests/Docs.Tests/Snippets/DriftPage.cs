using Freehold;

namespace Shop.DriftPage;

internal static class Page
{
    public static async Task CompareAsync(ITenantDrift drift)
    {
        var report = await drift.CompareAsync();
        foreach (var place in report.Drifted)
        {
            foreach (var difference in place.Differences)
            {
                Console.WriteLine($"{string.Join(", ", place.Tenants)}: {difference.Kind} {difference.Subject} is {difference.Actual ?? "missing"}, not {difference.Expected ?? "there"}");
            }

            Console.WriteLine(place.RepairSql);
        }
    }
}
