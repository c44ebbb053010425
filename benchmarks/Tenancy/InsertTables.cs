namespace Freehold.Benchmarks.Tenancy;

/// <summary>(b) Inserts by SaveChanges.</summary>
internal sealed class InsertTables(Report report, Effort effort)
{
    public async Task RunAsync(TenantDatabase database)
    {
        var tenants = database.Tenants.Take(TenantDatabase.TenantsWithNotes).ToArray();
        await using var plain = new PlainApplication(database) { Tenants = tenants };
        await using var again = new PlainApplication(database, database.Pool("plain again")) { Tenants = tenants };
        await using var freehold = new FreeholdApplication(database) { Tenants = tenants };
        foreach (var (notes, callers) in new[] { (1, 1), (1, 16), (10, 1) })
        {
            var what = $"(b) {notes} row{(notes == 1 ? "" : "s")} inserted by SaveChanges, {tenants.Length} tenants, "
                + (callers == 1 ? "one after the other" : $"{callers} callers");
            report.Doing(what);
            report.Ratios(what, await new Comparison(
                Inserting("plain EF Core on one schema", plain, notes, callers),
                [
                    Inserting("the same once more: the noise", again, notes, callers),
                    Inserting("Freehold, a schema per tenant", freehold, notes, callers, Aim.Ratio(1.10)),
                ],
                Operations: callers == 1 ? 30 : 120,
                effort.Rounds(100)).RunAsync());
        }
    }

    private static Candidate Inserting(string name, Application application, int notes, int callers, Aim? aim = null) =>
        Candidate.Of(name, turn => application.InsertAsync(turn, notes), callers, aim);
}
