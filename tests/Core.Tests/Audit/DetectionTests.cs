using System.Data.Common;
using System.Diagnostics.Metrics;
using Freehold.Core.Tests.Data;
using Freehold.Core.Tests.Stores;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Tests.Audit;

public sealed class DetectionTests
{
    private const string Theirs = """SELECT * FROM "tenant_t-00"."Orders" """;

    private readonly AuditLog _audit = new();

    [Fact]
    public async Task Raw_sql_that_names_another_tenants_schema_is_reported_with_tenant_statement_and_time()
    {
        await using var world = await WorldAsync(CrossTenantDetection.Report);
        await using var db = world.Factory<ShopDb>().Create(world.B);
        var name = "secret";
        (await db.Orders.FromSql($"""SELECT * FROM "tenant_t-00"."Orders" WHERE "Owner" <> {name} AND "Owner" <> 'hidden' AND "Id" < 4711""").ToListAsync()).Count.ShouldBe(3);
        var found = _audit.Take().ShouldHaveSingleItem();
        (found.Kind, found.Outcome, found.TenantId, found.OtherTenantId).ShouldBe((TenantAuditKind.SchemaNamed, TenantAuditOutcome.Reported, "t-01", "t-00"));
        var statement = found.Statement.ShouldNotBeNull();
        statement.ShouldContain("""FROM "tenant_t-00"."Orders" WHERE "Owner" <> @""");
        statement.ShouldNotContain("secret");
        statement.ShouldNotContain("hidden");
        statement.ShouldNotContain("4711");
        found.Time.ShouldBe(world.Services.GetRequiredService<TimeProvider>().GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(Theirs)]
    [InlineData("""SELECT o.* FROM "Orders" o JOIN "tenant_t-00"."Orders" p ON p."Id" = o."Id" """)]
    [InlineData("""SELECT o.* FROM "Orders" o, "tenant_t-00"."Line" l""")]
    [InlineData("""WITH x AS (SELECT * FROM/* */"tenant_t-00" . "Orders") SELECT * FROM x""")]
    public async Task Where_it_is_refused_the_statement_does_not_run(string sql)
    {
        await using var world = await WorldAsync(CrossTenantDetection.Refuse);
        await using var db = world.Factory<ShopDb>().Create(world.B);
        for (var i = 0; i < 2; i++)
        {
            (await Should.ThrowAsync<TenantMismatchException>(() => db.Orders.FromSqlRaw(sql).ToListAsync())).TenantId.ShouldBe("t-00");
            await Should.ThrowAsync<TenantMismatchException>(() => db.Orders.FromSqlRaw(sql).Where(order => order.Id > 0).Include(order => order.Lines).ToListAsync());
        }

        _audit.Take().ShouldAllBe(e => e.Kind == TenantAuditKind.SchemaNamed && e.Outcome == TenantAuditOutcome.Refused);
    }

    [Theory]
    [InlineData("""UPDATE "tenant_t-00"."Orders" SET "Version" = 7""")]
    [InlineData("""SET search_path TO "tenant_t-00" """)]
    [InlineData("""SET LOCAL search_path = public, 'tenant_t-00'""")]
    [InlineData("""SELECT set_config('search_path', '"tenant_t-00", public', false)""")]
    [InlineData("""SELECT nextval('"tenant_t-00"."Orders_Id_seq"')""")]
    [InlineData("""DO $$ BEGIN DELETE FROM "tenant_t-00"."Line"; END $$""")]
    [InlineData("""DROP SCHEMA "tenant_t-00" CASCADE""")]
    [InlineData("""SELECT set_config('app.tenant_id', 't-00', false)""")]
    [InlineData("""SET app.tenant_id = 't-00'""")]
    [InlineData("""SET LOCAL app.tenant_id TO 't-00'""")]
    public async Task Commands_are_refused_too_and_leave_no_trace(string sql)
    {
        await using var world = await WorldAsync(CrossTenantDetection.Refuse);
        await using var db = world.Factory<ShopDb>().Create(world.B);
        await Should.ThrowAsync<TenantMismatchException>(() => db.Database.ExecuteSqlRawAsync(sql));
        (await world.OwnersAsync(world.A)).ShouldBe("t-00=3");
        (await world.OwnersAsync(world.A, "Line")).ShouldBe("t-00=6");
    }

    [Theory]
    [InlineData("""SELECT * FROM "Orders" """)]
    [InlineData("""SELECT * FROM "tenant_t-01"."Orders" """)]
    [InlineData("""SELECT * FROM "Orders" -- as in "tenant_t-00"."Orders" """)]
    [InlineData("""SELECT * FROM "Orders" /* /* */ FROM "tenant_t-00"."Orders" */ """)]
    [InlineData("""SELECT tenant_row.* FROM "Orders" tenant_row WHERE tenant_row."Id" > 0""")]
    [InlineData("""SELECT * FROM "Orders" WHERE "Owner" <> 'tenant_t-00.example.com'""")]
    [InlineData("""SELECT * FROM "Orders" WHERE "Owner" <> 'tenant_t-00'""")]
    [InlineData("""SELECT o.* FROM "Orders" o WHERE EXISTS (SELECT FROM shared."Products" p)""")]
    public async Task What_reaches_for_nobody_passes_without_an_event(string sql)
    {
        await using var world = await WorldAsync(CrossTenantDetection.Refuse);
        await using var db = world.Factory<ShopDb>().Create(world.B);
        (await db.Orders.FromSqlRaw(sql).ToListAsync()).Count.ShouldBe(3);
        _audit.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_schema_that_a_record_names_is_known_once_its_tenant_came_by()
    {
        await using var world = await WorldAsync(CrossTenantDetection.Refuse);
        var elsewhere = new Tenant("t-00") { Placement = new(Isolation.Schema) { Schema = "attic" } };
        (await Should.ThrowAsync<TenantUnavailableException>(async () =>
        {
            await using var other = world.Factory<ShopDb>().Create(elsewhere);
            await other.Orders.CountAsync();
        })).TenantId.ShouldBe("t-00");
        await using var db = world.Factory<ShopDb>().Create(world.B);
        (await Should.ThrowAsync<TenantMismatchException>(() => db.Database.ExecuteSqlRawAsync("DELETE FROM attic.orders"))).TenantId.ShouldBe("t-00");
    }

    [Fact]
    public async Task Inside_an_admin_scope_it_runs_and_is_recorded_with_the_reason()
    {
        await using var world = await WorldAsync(CrossTenantDetection.Refuse);
        await using var db = world.Factory<ShopDb>().Create(world.B);
        using (AdminScope.Enter(world.Services, "Ticket 4711"))
        {
            (await db.Orders.FromSqlRaw(Theirs).Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-00"]);
        }

        var allowed = _audit.Take().ShouldHaveSingleItem();
        (allowed.Outcome, allowed.Reason).ShouldBe((TenantAuditOutcome.Allowed, "Ticket 4711"));

        // The same query, compiled inside, is another thing outside.
        await Should.ThrowAsync<TenantMismatchException>(() => db.Orders.FromSqlRaw(Theirs).Select(order => order.Owner).Distinct().ToListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Filters_that_are_ignored_are_found_wherever_that_stands(bool compiledInside)
    {
        await using var world = await WorldAsync(CrossTenantDetection.Refuse);
        await using var db = world.Factory<FilteredDb>().Create(world.B);
        Func<Task>[] queries =
        [
            () => db.Orders.IgnoreQueryFilters().ToListAsync(),
            () => db.Orders.TagWith("mine").Where(order => order.Id > 0).Include(order => order.Lines).AsSplitQuery().IgnoreQueryFilters().ToListAsync(),
            () => db.Set<Line>().Where(line => db.Orders.IgnoreQueryFilters().Any(order => order.Id == line.OrderId)).CountAsync(),
            () => db.Orders.IgnoreQueryFilters().ExecuteUpdateAsync(set => set.SetProperty(order => order.Version, 9)),
            () => db.Orders.IgnoreQueryFilters().Where(order => order.Id < 0).ExecuteDeleteAsync(),
        ];
        foreach (var query in queries)
        {
            if (compiledInside)
            {
                using var admin = AdminScope.Enter(world.Services, "Ticket 4711");
                await query();
                _audit.Take().ShouldNotBeEmpty();
            }

            await Should.ThrowAsync<TenantMismatchException>(query);
            var found = _audit.Take().ShouldHaveSingleItem();
            (found.Kind, found.TenantId, found.OtherTenantId).ShouldBe((TenantAuditKind.FiltersIgnored, "t-01", null));
        }

        (await db.Orders.IgnoreQueryFilters(["Version"]).CountAsync()).ShouldBe(3);
        (await db.Orders.CountAsync()).ShouldBe(compiledInside ? 0 : 3);
        _audit.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_nothing_looks_nothing_is_found()
    {
        await using var world = await WorldAsync(CrossTenantDetection.Off);
        await using var db = world.Factory<FilteredDb>().Create(world.B);
        (await db.Orders.FromSqlRaw(Theirs).IgnoreQueryFilters().ToListAsync()).Count.ShouldBe(3);
        _audit.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Events_reach_the_log_and_the_meter_and_what_runs_carries_no_mark()
    {
        using var listener = new MeterListener();
        var counted = new List<string>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == TenantTelemetry.MeterName && instrument.Name == "freehold.audit.events")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted.Add($"{value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        listener.Start();
        using var log = new Logbook();
        var sent = new Sent();
        await using var world = await WorldAsync(CrossTenantDetection.Report, log, sent);
        await using var db = world.Factory<FilteredDb>().Create(world.B);
        await db.Orders.IgnoreQueryFilters().Where(order => order.Owner != "hidden").ToListAsync();
        counted.ShouldContain("1 kind=FiltersIgnored outcome=Reported");
        var told = log.Lines.Single(line => line.Text.Contains("outside an AdminScope", StringComparison.Ordinal));
        told.Level.ShouldBe(LogLevel.Warning);
        told.Text.ShouldContain("t-01");
        told.Text.ShouldNotContain("hidden");
        sent.Last.ShouldNotBeNull().ShouldStartWith("SELECT");
    }

    private Task<TenantWorld> WorldAsync(CrossTenantDetection detection, ILoggerProvider? log = null, Sent? sent = null) => TenantWorld.SchemasAsync(configure: tenancy =>
    {
        tenancy.DetectCrossTenantAccess(detection).AddDbContext<FilteredDb>(options => options.AddInterceptors(sent ?? new Sent())).Services.AddSingleton<ITenantAuditSink>(_audit);
        if (log is not null)
        {
            tenancy.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        }
    });

    /// <summary>The text of the last query, as it leaves EF.</summary>
    private sealed class Sent : DbCommandInterceptor
    {
        public string? Last { get; private set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Last = command.CommandText;
            return new(result);
        }
    }

    public sealed class FilteredDb(DbContextOptions<FilteredDb> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Order>().HasQueryFilter("Version", order => order.Version < 9);
            modelBuilder.Entity<Line>().Ignore(line => line.Product);
        }
    }
}
