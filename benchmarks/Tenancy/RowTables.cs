namespace Freehold.Benchmarks.Tenancy;

/// <summary>
/// (a) A point read among the rows of all tenants: policies, the filter and the session's setting against a WHERE that nobody may forget, and
/// against the least that policies cost anybody.
/// </summary>
internal sealed class RowTables(Report report, Effort effort)
{
    private const int Callers = 16;
    private const string Prepared = ";Max Auto Prepare=50";

    public async Task RunAsync(TenantDatabase database)
    {
        var role = await RowSchema.CreateAsync(database);
        await CompareAsync(database, role, "");
        await CompareAsync(database, role, Prepared);
    }

    private async Task CompareAsync(TenantDatabase database, string role, string settings)
    {
        await using var watching = await database.OpenAsync();
        await using var where = new WhereApplication(database, database.Pool("where") + settings);
        await using var again = new WhereApplication(database, database.Pool("where again") + settings);
        await using var rows = new TenantApplication(database, database.Pool("rows", role: role) + settings, Isolation.Row);
        await using var byHand = new WhereApplication(database, database.Pool("by hand", role: role) + settings, new SettingByHand());
        foreach (var callers in new[] { 1, Callers })
        {
            report.Doing($"{database.Tenants.Count} tenants' rows read, {callers} callers");
            var title = $"(a) One point read by key among the rows of {database.Tenants.Count} tenants, {callers} callers";
            report.Ratios(settings.Length == 0 ? title : title + ", statements prepared by Npgsql", await new Comparison(
                Reading("EF Core, the tenant in every WHERE, no policies", where, callers),
                [
                    Reading("the same once more: the noise", again, callers),
                    Reading("the same under policies, with SET before it by hand", byHand, callers),
                    Reading("Freehold, by row", rows, callers, Aim.Ratio(1.05)),
                ],
                Operations: callers == 1 ? 40 : 160,
                effort.Rounds(120),
                TenantDatabase.Processes(watching)).RunAsync());
        }
    }

    private static Candidate Reading(string name, Application application, int callers, Aim? aim = null) =>
        Candidate.Of(name, application.ReadAsync, callers, aim);
}
