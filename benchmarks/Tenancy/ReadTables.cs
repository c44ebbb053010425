namespace Freehold.Benchmarks.Tenancy;

/// <summary>(a) A point read by key through the scoped context.</summary>
internal sealed class ReadTables(Report report, Effort effort)
{
    private const int Callers = 16;

    /// <summary>A hundred tenants against one schema, and what users do today.</summary>
    public async Task HundredAsync(TenantDatabase database)
    {
        await using var plain = new PlainApplication(database);
        await using var again = new PlainApplication(database, database.Pool("plain again"));
        await using var freehold = new FreeholdApplication(database);
        await using var setAtOpen = new SetAtOpenApplication(database);
        await using var sources = new SourcePerTenantApplication(database);
        foreach (var application in new Application[] { plain, again, freehold, setAtOpen })
        {
            await application.TouchAsync(Callers);
        }

        foreach (var callers in new[] { 1, Callers })
        {
            report.Doing($"{database.Tenants.Count} tenants read, {Said(callers)}");
            report.Ratios($"(a) One point read by key, {database.Tenants.Count} tenants, {Said(callers)}", await new Comparison(
                Reading("plain EF Core on one schema", plain, callers),
                [
                    Reading("the same once more: the noise", again, callers),
                    Reading("Freehold, a schema per tenant", freehold, callers, Aim.Ratio(1.05)),
                    Reading("EF Core, SET search_path at every open", setAtOpen, callers),
                    Reading("EF Core, a data source per tenant (1 connection each)", sources, callers),
                ],
                Operations: callers == 1 ? 40 : 160,
                effort.Rounds(120)).RunAsync());
        }
    }

    /// <summary>Freehold against hand-written SQL over the same tenants. Returns the ratios, which must not grow with the tenants.</summary>
    public async Task<IReadOnlyList<double>> AgainstRawAsync(TenantDatabase database, IReadOnlyList<double>? before = null)
    {
        var ratios = new List<double>();
        await using var raw = new RawApplication(database);
        await using var freehold = new FreeholdApplication(database);
        foreach (var callers in database.Tenants.Count > 1000 && !effort.IsFull ? new[] { 1 } : [1, Callers])
        {
            report.Doing($"{database.Tenants.Count} tenants touched and read, {Said(callers)}");
            await raw.TouchAsync(callers);
            await freehold.TouchAsync(callers);
            var aim = before is null ? null : Aim.Ratio(before[ratios.Count] * 1.05, " (as for 100, and 5 %)");
            var figures = await new Comparison(
                Reading("raw Npgsql with qualified names", raw, callers),
                [Reading("Freehold, a schema per tenant", freehold, callers, aim)],
                Operations: callers == 1 ? 40 : 160,
                effort.Rounds(120)).RunAsync();
            report.Ratios($"(a) Against raw Npgsql, {database.Tenants.Count} tenants, {Said(callers)}", figures);
            ratios.Add(figures[1].Ratio);
        }

        return ratios;
    }

    /// <summary>A model per schema, at numbers of schemas below and above what EF's cache holds.</summary>
    public async Task ModelPerSchemaAsync(TenantDatabase database)
    {
        foreach (var schemas in new[] { 30, 40, 60 })
        {
            report.Doing($"a model for each of {schemas} schemas");
            var tenants = database.Tenants.Take(schemas).ToArray();
            await using var plain = new PlainApplication(database) { Tenants = tenants };
            await using var freehold = new FreeholdApplication(database) { Tenants = tenants };
            await using var models = new ModelPerSchemaApplication(database) { Tenants = tenants };
            report.Ratios($"(a) A model per schema, {schemas} schemas, each visited before, one after the other", await new Comparison(
                Reading("plain EF Core on one schema", plain, callers: 1),
                [
                    Reading("Freehold, a schema per tenant", freehold, callers: 1),
                    Reading("EF Core, a model per schema", models, callers: 1),
                ],
                Operations: schemas,
                Rounds: 5).RunAsync());
        }
    }

    private static Candidate Reading(string name, Application application, int callers, Aim? aim = null) =>
        Candidate.Of(name, application.ReadAsync, callers, aim);

    private static string Said(int callers) => callers == 1 ? "one after the other" : $"{callers} callers";
}
