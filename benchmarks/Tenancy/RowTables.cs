using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>(a) A point read among the rows of all tenants: policies, the filter and the session's setting against a WHERE that nobody may forget.</summary>
internal sealed class RowTables(Report report, Effort effort)
{
    private const int Callers = 16;

    public async Task RunAsync(TenantDatabase database)
    {
        await CreateAsync(database);
        await using var watching = await database.OpenAsync();
        await using var where = new WhereApplication(database);
        await using var again = new WhereApplication(database, "where again");
        await using var rows = new RowApplication(database);
        foreach (var callers in new[] { 1, Callers })
        {
            report.Doing($"{database.Tenants.Count} tenants' rows read, {callers} callers");
            report.Ratios($"(a) One point read by key among the rows of {database.Tenants.Count} tenants, {callers} callers", await new Comparison(
                Reading("EF Core, the tenant in every WHERE, no policies", where, callers),
                [
                    Reading("the same once more: the noise", again, callers),
                    Reading("Freehold, by row", rows, callers, Aim.Ratio(1.05)),
                ],
                Operations: callers == 1 ? 40 : 160,
                effort.Rounds(120),
                TenantDatabase.Processes(watching)).RunAsync());
        }
    }

    private static Candidate Reading(string name, Application application, int callers, Aim? aim = null) =>
        Candidate.Of(name, application.ReadAsync, callers, aim);

    private static async Task CreateAsync(TenantDatabase database)
    {
        await using var connection = await database.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"""
            DROP ROLE IF EXISTS {RowApplication.Role};
            CREATE ROLE {RowApplication.Role} LOGIN PASSWORD 'benchmark';
            CREATE SCHEMA tenants;
            CREATE TABLE tenants."Orders" (tenant_id varchar(63) NOT NULL, "Id" int, "Owner" varchar(40) NOT NULL, "Total" int NOT NULL, PRIMARY KEY (tenant_id, "Id"));
            INSERT INTO tenants."Orders" SELECT 't' || lpad(t::text, 5, '0'), n, 't' || t, n FROM generate_series(0, {database.Tenants.Count - 1}) t, generate_series(1, {TenantDatabase.OrdersEach}) n;
            ALTER TABLE tenants."Orders" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            CREATE POLICY freehold_tenant ON tenants."Orders" USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')))
                WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')));
            GRANT USAGE ON SCHEMA tenants TO {RowApplication.Role};
            GRANT SELECT ON tenants."Orders" TO {RowApplication.Role};
            ANALYZE tenants."Orders";
            """,
            connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>The rows of all tenants in one table with Freehold.</summary>
internal sealed class RowApplication(TenantDatabase database) : EfApplication<TenantDb>(database)
{
    public const string Role = "freehold_benchmark";

    protected override void Configure(IServiceCollection services) => services.AddMultiTenancy(tenancy => tenancy
        .UseNpgsql(new NpgsqlConnectionStringBuilder(Database.Pool("rows")) { Username = Role, Password = "benchmark" }.ConnectionString)
        .IsolateBy(Isolation.Row).UseTenants([.. Database.Tenants]).AddDbContext<TenantDb>());

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);
}

/// <summary>The same rows by a role that policies do not bind, with the tenant in the query.</summary>
internal sealed class WhereApplication(TenantDatabase database, string name = "where") : EfApplication<WhereDb>(database)
{
    protected override void Configure(IServiceCollection services) => services.AddDbContextPool<WhereDb>(options => options.UseNpgsql(Database.Pool(name)));

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);

    protected override async Task ReadAsync(WhereDb db, Tenant tenant, int key)
    {
        var id = tenant.Id.Value;
        var order = await db.Orders.SingleAsync(order => EF.Property<string>(order, "TenantId") == id && order.Id == key);
        if (order.Total != key)
        {
            throw new InvalidOperationException($"Order {key} was read with the total {order.Total}.");
        }
    }
}
