using System.Runtime.CompilerServices;
using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Core.Tests.Leaks;

/// <summary>What a worker of the leak hunt does with its three orders of two lines, each asserting its exact rows.</summary>
internal static class Operations
{
    public static readonly IReadOnlyList<(string Name, Func<Job, Task> Run)> All =
    [
        ("query", QueryAsync), ("include", IncludeAsync), ("split", SplitAsync), ("compiled", CompiledAsync), ("raw", RawAsync),
        ("composed raw", ComposedRawAsync), ("join with shared", SharedAsync), ("save", SaveAsync), ("update", UpdateAsync), ("delete", DeleteAsync),
        ("rollback", RollbackAsync), ("raw in rollback", RawRollbackAsync), ("explicit open", ExplicitOpenAsync), ("failed command", FailedAsync),
    ];

    // A compiled query is of one model, and each isolation has its own.
    private static readonly ConditionalWeakTable<IModel, Func<ShopDb, int, IAsyncEnumerable<Order>>> Compiled = [];

    private static Func<ShopDb, int, IAsyncEnumerable<Order>> CompiledFor(ShopDb context) => Compiled.GetValue(
        context.Model,
        _ => EF.CompileAsyncQuery((ShopDb db, int start) => db.Orders.Include(order => order.Lines).Where(order => order.Id > start && order.Id < start + 4)));

    internal sealed record Job(ShopDb Db, string Owner, int Start, CancellationToken Cancel)
    {
        public IQueryable<Order> Own => Db.Orders.Where(order => order.Id > Start && order.Id < Start + 4);

        public void Check(IEnumerable<Order> orders, int lines = 0)
        {
            var found = orders.ToArray();
            found.Select(order => order.Owner).ShouldBe(Enumerable.Repeat(Owner, 3));
            found.SelectMany(order => order.Lines).Select(line => line.Owner).ShouldBe(Enumerable.Repeat(Owner, lines));
        }
    }

    private static async Task QueryAsync(Job job) => job.Check(await job.Own.AsNoTracking().ToListAsync(job.Cancel));

    private static async Task IncludeAsync(Job job) => job.Check(await job.Own.Include(order => order.Lines).ToListAsync(job.Cancel), 6);

    private static async Task SplitAsync(Job job) => job.Check(await job.Own.AsSplitQuery().Include(order => order.Lines).ToListAsync(job.Cancel), 6);

    private static async Task CompiledAsync(Job job)
    {
        var orders = new List<Order>();
        await foreach (var order in CompiledFor(job.Db)(job.Db, job.Start).WithCancellation(job.Cancel))
        {
            orders.Add(order);
        }

        job.Check(orders, 6);
    }

    private static async Task RawAsync(Job job) => job.Check(await job.Db.Orders
        .FromSql($"""SELECT * FROM "Orders" WHERE "Id" > {job.Start} AND "Id" < {job.Start + 4}""").ToListAsync(job.Cancel));

    private static async Task ComposedRawAsync(Job job) => job.Check(
        await job.Db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).Include(order => order.Lines)
            .Where(order => order.Id > job.Start && order.Id < job.Start + 4).ToListAsync(job.Cancel),
        6);

    private static async Task SharedAsync(Job job)
    {
        var lines = await job.Db.Set<Line>().Where(line => line.OrderId > job.Start && line.OrderId < job.Start + 4 && line.Product!.Name == "pear")
            .Select(line => line.Owner).ToListAsync(job.Cancel);
        lines.ShouldBe(Enumerable.Repeat(job.Owner, 3));
    }

    private static async Task SaveAsync(Job job)
    {
        // A cancelled run may have left it.
        await job.Db.Orders.Where(order => order.Id == job.Start + 9).ExecuteDeleteAsync(job.Cancel);
        var order = new Order { Id = job.Start + 9, Owner = job.Owner };
        job.Db.Add(order);
        (await job.Db.SaveChangesAsync(job.Cancel)).ShouldBe(1);
        order.Version = 1;
        (await job.Db.SaveChangesAsync(job.Cancel)).ShouldBe(1);
        job.Db.Remove(order);
        (await job.Db.SaveChangesAsync(job.Cancel)).ShouldBe(1);
    }

    private static async Task UpdateAsync(Job job) =>
        (await job.Own.ExecuteUpdateAsync(set => set.SetProperty(order => order.Version, order => order.Version + 1), job.Cancel)).ShouldBe(3);

    private static async Task DeleteAsync(Job job)
    {
        await job.Db.Database.ExecuteSqlAsync(
            $"""INSERT INTO "Orders" ("Id", "Owner") VALUES ({job.Start + 8}, {job.Owner}) ON CONFLICT DO NOTHING""", job.Cancel);
        (await job.Db.Orders.Where(order => order.Id == job.Start + 8 && order.Owner == job.Owner).ExecuteDeleteAsync(job.Cancel)).ShouldBe(1);
    }

    private static async Task RollbackAsync(Job job)
    {
        await using (var transaction = await job.Db.Database.BeginTransactionAsync(job.Cancel))
        {
            (await job.Db.Set<Line>().Where(line => line.OrderId > job.Start && line.OrderId < job.Start + 4).ExecuteDeleteAsync(job.Cancel)).ShouldBe(6);
        }

        (await job.Db.Set<Line>().CountAsync(line => line.OrderId > job.Start && line.OrderId < job.Start + 4 && line.Owner == job.Owner, job.Cancel)).ShouldBe(6);
    }

    private static async Task RawRollbackAsync(Job job)
    {
        await using var transaction = await job.Db.Database.BeginTransactionAsync(job.Cancel);
        (await job.Db.Database.ExecuteSqlAsync($"""DELETE FROM "Line" WHERE "OrderId" = {job.Start + 1}""", job.Cancel)).ShouldBe(2);
        await transaction.RollbackAsync(job.Cancel);
        await RawAsync(job);
    }

    private static async Task ExplicitOpenAsync(Job job)
    {
        await job.Db.Database.OpenConnectionAsync(job.Cancel);
        await RawAsync(job);
        await QueryAsync(job);
        await RawRollbackAsync(job);

        // Left open on purpose: the return to the pool has to close it.
        await ComposedRawAsync(job);
    }

    private static async Task FailedAsync(Job job)
    {
        await Should.ThrowAsync<Exception>(() => job.Db.Database.ExecuteSqlRawAsync("SELECT 1 / 0", job.Cancel));
        await RawAsync(job);
    }
}
