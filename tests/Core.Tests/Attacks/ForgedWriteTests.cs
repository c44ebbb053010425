using Freehold.Core.Data.Model;
using Freehold.Testing.Leaks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Attacks;

/// <summary>
/// One tenant writes with the keys of another. Refused or without effect: the other's data, read past Freehold, is byte for byte as before. Other
/// libraries let some of these through.
/// </summary>
public abstract class ForgedWriteTests<TContext> where TContext : VictimDb
{
    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task A_detached_update_with_a_foreign_id(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        db.Update(new Parent { Id = theirs.Id, Name = "forged" });
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task A_detached_update_of_the_others_own_entity(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        theirs.Name = "forged";
        db.Update(theirs);
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task A_row_attached_and_changed(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        db.Attach(theirs).Entity.Name = "forged";
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task A_detached_delete_with_a_foreign_id(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        db.Remove(new Parent { Id = theirs.Id, Name = theirs.Name });
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task The_same_without_tracking_by_ExecuteUpdate_and_ExecuteDelete(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        (await db.Parents.AsNoTracking().Where(parent => parent.Id == theirs.Id).ExecuteUpdateAsync(set => set.SetProperty(parent => parent.Name, "forged"))).ShouldBe(0);
        (await db.Children.Where(child => child.ParentId == theirs.Id).ExecuteDeleteAsync()).ShouldBe(0);
        (await db.Parents.Where(parent => parent.Id == theirs.Id).ExecuteDeleteAsync()).ShouldBe(0);
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task A_foreign_id_is_not_found(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        (await db.Parents.FindAsync(theirs.Id)).ShouldBeNull();
        (await db.Parents.IgnoreQueryFilters().AsNoTracking().FirstOrDefaultAsync(parent => parent.Id == theirs.Id)).ShouldBeNull();
        db.Attach(theirs);
        await Should.NotThrowAsync(() => db.Entry(theirs).Collection(parent => parent.Children).LoadAsync());
        theirs.Children.ShouldBeEmpty();
        (await db.Entry(theirs).GetDatabaseValuesAsync()).ShouldBeNull();
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task A_foreign_key_to_anothers_row(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        db.Add(new Child { ParentId = theirs.Id, Text = "forged" });
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
        db.ChangeTracker.Clear();
        (await db.Children.FirstAsync()).ParentId = theirs.Id;
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task Raw_sql_with_and_without_a_foreign_id(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        var own = await db.Parents.CountAsync();
        (await db.Database.ExecuteSqlAsync($"""UPDATE "Parents" SET "Name" = 'forged' WHERE "Id" = {theirs.Id}""")).ShouldBe(0);
        (await db.Database.ExecuteSqlAsync($"""DELETE FROM "Parents" WHERE "Id" = {theirs.Id}""")).ShouldBe(0);
        (await db.Parents.FromSql($"""SELECT * FROM "Parents" WHERE "Id" = {theirs.Id}""").ToListAsync()).ShouldBeEmpty();
        (await db.Database.ExecuteSqlRawAsync("""UPDATE "Parents" SET "Name" = 'forged' || "Name" """)).ShouldBe(own);
        (await db.Database.ExecuteSqlRawAsync("""DELETE FROM "Children" """)).ShouldBe(own);
        (await db.Database.ExecuteSqlRawAsync("""DELETE FROM "Parents" """)).ShouldBe(own);
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task An_upsert_on_anothers_row(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        try
        {
            await db.Database.ExecuteSqlAsync(
                $"""INSERT INTO "Parents" ("Id", "Name") VALUES ({theirs.Id}, 'forged') ON CONFLICT ("Id") DO UPDATE SET "Name" = 'forged'""");
        }
        catch (PostgresException refused)
        {
            // Where rows share a table, an id alone is not unique.
            refused.SqlState.ShouldBe(PostgresErrorCodes.InvalidColumnReference);
            isolation.ShouldBe(Isolation.Row);
        }
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task ExecuteUpdate_of_the_tenants_column(Isolation isolation) => RunAsync(isolation, async (db, _) =>
    {
        var column = TenantColumns.Property;
        await Should.ThrowAsync<InvalidOperationException>(() => db.Parents.ExecuteUpdateAsync(set => set.SetProperty(parent => EF.Property<string>(parent, column), "other")));
        await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("""UPDATE "Parents" SET tenant_id = 'other'"""));
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task A_row_of_ones_own_under_a_foreign_id(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        db.Add(new Parent { Id = theirs.Id, Name = "my own" });
        (await db.SaveChangesAsync()).ShouldBe(1);
        (await db.Parents.Where(parent => parent.Id == theirs.Id).ExecuteUpdateAsync(set => set.SetProperty(parent => parent.Name, "still my own"))).ShouldBe(1);
        db.ChangeTracker.Clear();
        db.Remove((await db.Parents.FindAsync(theirs.Id)).ShouldNotBeNull());
        (await db.SaveChangesAsync()).ShouldBe(1);
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public Task No_unique_value_of_another_shows_by_an_error(Isolation isolation) => RunAsync(isolation, async (db, theirs) =>
    {
        db.Add(new Parent { Name = theirs.Name });
        (await db.SaveChangesAsync()).ShouldBe(1);
        db.Add(new Parent { Name = theirs.Name });
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
    });

    [Theory, MemberData(nameof(Victims.Isolations), MemberType = typeof(Victims))]
    public async Task No_tenant_at_all(Isolation isolation)
    {
        await using var world = await Victims.WorldAsync<TContext>(isolation);
        var factory = world.Services.GetRequiredService<ITenantDbContextFactory<TContext>>();
        var before = await world.DigestAsync(world.Tenants[1], default);
        Should.Throw<TenantMissingException>(() => factory.Create());
        await using (var scope = world.Services.CreateAsyncScope())
        {
            Should.Throw<TenantMissingException>(() => scope.ServiceProvider.GetRequiredService<TContext>());
        }

        var returned = factory.Create(world.Tenants[1]);
        await returned.DisposeAsync();
        (await Should.ThrowAsync<Exception>(() => returned.Parents.ExecuteDeleteAsync())).ShouldBeAssignableTo<Exception>();
        (await world.DigestAsync(world.Tenants[1], default)).ShouldBe(before);
    }

    private static async Task RunAsync(Isolation isolation, Func<TContext, Parent, Task> attack)
    {
        await using var world = await Victims.WorldAsync<TContext>(isolation);
        var (attacker, victim) = (world.Tenants[0], world.Tenants[1]);
        var before = await world.DigestAsync(victim, default);
        Parent theirs;
        await using (var db = world.Services.GetRequiredService<ITenantDbContextFactory<TContext>>().Create(victim))
        {
            theirs = await db.Parents.AsNoTracking().OrderBy(parent => parent.Id).FirstAsync();
        }

        using (TenantScope.Enter(attacker))
        {
            await using var scope = world.Services.CreateAsyncScope();
            await attack(scope.ServiceProvider.GetRequiredService<TContext>(), theirs);
        }

        (await world.DigestAsync(victim, default)).ShouldBe(before);
    }
}

public sealed class PooledForgedWriteTests : ForgedWriteTests<PooledVictimDb>;

public sealed class UnpooledForgedWriteTests : ForgedWriteTests<UnpooledVictimDb>;

public abstract class VictimDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<Parent> Parents => Set<Parent>();

    public DbSet<Child> Children => Set<Child>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Parent>().HasIndex(parent => parent.Name).IsUnique();
}

public sealed class PooledVictimDb(DbContextOptions<PooledVictimDb> options) : VictimDb(options);

public sealed class UnpooledVictimDb(DbContextOptions<UnpooledVictimDb> options) : VictimDb(options)
{
    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.EnableDetailedErrors();
}

public sealed class Parent
{
    public Guid Id { get; set; }

    public required string Name { get; set; }

    public List<Child> Children { get; } = [];
}

public sealed class Child
{
    public Guid Id { get; set; }

    public Guid ParentId { get; set; }

    public required string Text { get; set; }
}

public static class Victims
{
    public static TheoryData<Isolation> Isolations => [Isolation.Schema, Isolation.Database, Isolation.Row];

    internal static async Task<LeakWorld<TContext>> WorldAsync<TContext>(
        Isolation isolation, string settings = "", Action<DbContextOptionsBuilder>? options = null) where TContext : DbContext
    {
        var world = await LeakWorld<TContext>.CreateAsync(
            (tenancy, connectionString) => tenancy.UseNpgsql(connectionString + settings).IsolateBy(isolation).AddDbContext<TContext>(options),
            new() { Tenants = 2, Connections = 1 },
            default);
        await world.SeedAsync(default);
        return world;
    }
}
