using Freehold.Shared;
using Npgsql;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>(a) and (b) through one PgBouncer in transaction mode, with Freehold and without: what the pooler mode costs.</summary>
internal sealed class PoolerTables(Report report, Effort effort)
{
    private const int Callers = 16;
    private const string Through = ", through PgBouncer";

    public async Task RunAsync(TenantDatabase database)
    {
        var role = await RowSchema.CreateAsync(database);
        await using var watching = await database.OpenAsync();
        await GrantAsync(database, role, watching);
        await using var pooler = await PgBouncer.StartAsync(database.Pool("pooler", role: role), sessions: TenantDatabase.PoolSize);
        var tenants = database.Tenants.Take(TenantDatabase.TenantsWithNotes).ToArray();

        // What everybody has to say behind one, and the pooler mode says by itself.
        var plainly = pooler.ConnectionString + ";No Reset On Close=true";
        await using var plain = new PlainApplication(database, plainly) { Tenants = tenants };
        await using var again = new PlainApplication(database, plainly + ";Timeout=16") { Tenants = tenants };
        await using var schemas = new TenantApplication(database, pooler.ConnectionString, Isolation.Schema, PoolerMode.Transaction) { Tenants = tenants };
        await using var paths = new TenantApplication(database, pooler.ConnectionString, Isolation.Schema, PoolerMode.Transaction, options => options.AlwaysSetSearchPath()) { Tenants = tenants };
        await using var rows = new TenantApplication(database, pooler.ConnectionString, Isolation.Row, PoolerMode.Transaction) { Tenants = tenants };
        await using var straight = new TenantApplication(database, database.Pool("straight", role: role), Isolation.Row) { Tenants = tenants };
        var work = new (string Title, int Callers, Func<Application, int, Task> RunAsync)[]
        {
            ("(a) One point read by key", 1, (application, turn) => application.ReadAsync(turn)),
            ("(a) One point read by key", Callers, (application, turn) => application.ReadAsync(turn)),
            ("(b) 1 row inserted by SaveChanges", Callers, (application, turn) => application.InsertAsync(turn, 1)),
        };
        foreach (var (title, callers, runAsync) in work)
        {
            report.Doing($"{title}{Through}, {callers} callers");
            report.Ratios($"{title}{Through}, {tenants.Length} tenants, {callers} callers", await new Comparison(
                Working("plain EF Core on one schema", plain),
                [
                    Working("the same once more: the noise", again),
                    Working("Freehold, a schema per tenant", schemas),
                    Working("Freehold, a schema per tenant, AlwaysSetSearchPath", paths),
                    Working("Freehold, by row", rows),
                    Working("Freehold, by row, without PgBouncer", straight),
                ],
                Operations: callers == 1 ? 40 : 160,
                effort.Rounds(80),
                TenantDatabase.Processes(watching)).RunAsync());

            Candidate Working(string name, Application application) => Candidate.Of(name, turn => runAsync(application, turn), callers);
        }
    }

    private static async Task GrantAsync(TenantDatabase database, string role, NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            $"""
            DO $grant$
            DECLARE
              place text;
            BEGIN
              FOR place IN SELECT nspname FROM pg_namespace WHERE nspname = '{TenantDatabase.PlainSchema}' OR nspname LIKE 'tenant\_t%' LOOP
                EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', place);
                EXECUTE format('GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA %I TO {role}', place);
              END LOOP;
            END $grant$
            """,
            connection);
        await command.ExecuteNonQueryAsync();
    }
}
