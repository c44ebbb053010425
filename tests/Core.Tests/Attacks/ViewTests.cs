using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Attacks;

public sealed class ViewTests
{
    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public async Task Views_functions_and_types_without_a_key_read_the_tenants_rows(Isolation isolation)
    {
        await using var world = await Victims.WorldAsync<ViewDb>(isolation);
        foreach (var tenant in world.Tenants)
        {
            await world.PastFreeholdAsync(
                world.PlacementOf(tenant),
                """
                CREATE OR REPLACE VIEW "ParentNames" WITH (security_invoker = true) AS SELECT "Name" FROM "Parents";
                CREATE OR REPLACE FUNCTION count_parents() RETURNS int LANGUAGE sql STABLE AS 'SELECT count(*)::int FROM "Parents"';
                """,
                default);
            await world.GrantAsync(tenant, default);
        }

        for (var i = 0; i < 4; i++)
        {
            var tenant = world.Tenants[i % 2];
            await using var db = world.Services.GetRequiredService<ITenantDbContextFactory<ViewDb>>().Create(tenant);
            var names = await db.Set<ParentName>().Select(row => row.Name).ToListAsync();
            names.Count.ShouldBe(world.RowsOf(tenant));
            names.ShouldAllBe(name => name.StartsWith(tenant.Id.Value, StringComparison.Ordinal));
            (await db.Parents.Select(_ => ViewDb.CountParents()).Distinct().SingleAsync()).ShouldBe(world.RowsOf(tenant));
            (await db.Database.SqlQuery<int>($"""SELECT count_parents() AS "Value" """).SingleAsync()).ShouldBe(world.RowsOf(tenant));
        }
    }

    public sealed class ParentName
    {
        public required string Name { get; set; }
    }

    public sealed class ViewDb(DbContextOptions<ViewDb> options) : VictimDb(options)
    {
        public static int CountParents() => throw new InvalidOperationException("Runs in the database.");

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            base.OnModelCreating(modelBuilder);
            modelBuilder.Entity<ParentName>().HasNoKey().ToView("ParentNames");
            modelBuilder.HasDbFunction(() => CountParents()).HasName("count_parents");
        }
    }
}
