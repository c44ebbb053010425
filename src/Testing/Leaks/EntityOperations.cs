using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Testing.Leaks;

/// <summary>The ways in which EF Core reads and writes the rows of one entity type.</summary>
internal sealed class EntityWork<TContext, TEntity> : EntityWork<TContext>
    where TContext : DbContext
    where TEntity : class
{
    private readonly Func<TContext, IAsyncEnumerable<TEntity>> _compiled = EF.CompileAsyncQuery((TContext db) => db.Set<TEntity>().AsNoTracking());
    private readonly string[] _paths;
    private readonly string _selectAll;
    private readonly string _countAll;
    private readonly string _touchAll;
    private readonly string _fail;

    public EntityWork(LeakWorld<TContext> world, IEntityType type) : base(world, type)
    {
        _paths = [.. type.GetNavigations().Where(navigation => !navigation.ForeignKey.IsOwnership).Select(navigation => navigation.Name), .. type.GetSkipNavigations().Select(navigation => navigation.Name)];
        var column = Text?.GetColumnName(StoreObjectIdentifier.Table(type.GetTableName()!, type.GetSchema())) is { } name ? SqlText.Identifier(name) : "";
        _selectAll = $"SELECT * FROM {Table}";
        _countAll = $"SELECT count(*)::int AS \"Value\" FROM {Table}";
        _touchAll = $"UPDATE {Table} SET {column} = {column}";
        _fail = $"SELECT 1 / (count(*) - count(*)) FROM {Table}";
        Operations = [.. Reads(), .. Writes(), .. Raw()];
    }

    public override IReadOnlyList<EntityOperation<TContext>> Operations { get; }

    private IEnumerable<EntityOperation<TContext>> Reads()
    {
        yield return new("query", async (db, tenant, cancel) => Check(await db.Set<TEntity>().AsNoTracking().ToListAsync(cancel).ConfigureAwait(false), tenant));
        yield return new("count", async (db, tenant, cancel) => Expect(await db.Set<TEntity>().CountAsync(cancel).ConfigureAwait(false), tenant));
        yield return new("find", FindAsync);
        yield return new("compiled query", CompiledAsync);
        if (_paths.Length > 0)
        {
            yield return new("include", (db, tenant, cancel) => GraphAsync(db, Included(db.Set<TEntity>()), tenant, cancel));
            yield return new("split query", (db, tenant, cancel) => GraphAsync(db, Included(db.Set<TEntity>()).AsSplitQuery(), tenant, cancel));
        }
    }

    private IEnumerable<EntityOperation<TContext>> Writes()
    {
        if (Text is not null)
        {
            yield return new("save", SaveAsync);
            yield return new("ExecuteUpdate", async (db, tenant, cancel) => Expect(await TouchAsync(db.Set<TEntity>(), cancel).ConfigureAwait(false), tenant));
        }

        if (IsFree)
        {
            yield return new("insert and roll back", InsertAsync);
            yield return new("ExecuteDelete and roll back", (db, tenant, cancel) => InTransactionAsync(
                db, async () => Expect(await db.Set<TEntity>().ExecuteDeleteAsync(cancel).ConfigureAwait(false), tenant), cancel));
        }
    }

    private IEnumerable<EntityOperation<TContext>> Raw()
    {
        if (!IsPlain)
        {
            yield break;
        }

        yield return new("raw SQL", RawAsync);
        yield return new("raw scalar", async (db, tenant, cancel) =>
            Expect(await db.Database.SqlQueryRaw<int>(_countAll).SingleAsync(cancel).ConfigureAwait(false), tenant));
        yield return new("composed raw SQL", (db, tenant, cancel) => GraphAsync(db, Included(db.Set<TEntity>().FromSqlRaw(_selectAll)), tenant, cancel));
        yield return new("kept open", KeptOpenAsync);
        yield return new("failed command", FailedAsync);
        if (Text is not null)
        {
            yield return new("raw update and roll back", async (db, tenant, cancel) =>
            {
                await InTransactionAsync(
                    db,
                    async () => Expect(await db.Database.ExecuteSqlRawAsync(_touchAll, cancel).ConfigureAwait(false), tenant),
                    cancel).ConfigureAwait(false);
                await RawAsync(db, tenant, cancel).ConfigureAwait(false);
            });
        }
    }

    private IQueryable<TEntity> Included(IQueryable<TEntity> query) => _paths.Aggregate(query, (one, path) => one.Include(path));

    private async Task FindAsync(TContext db, Tenant tenant, CancellationToken cancel)
    {
        foreach (var seed in SeedsOf(tenant))
        {
            Check(await db.Set<TEntity>().FindAsync(seed.Key, cancel).ConfigureAwait(false) ?? throw new LeakFound("an own row is missing"), Type, tenant);
        }
    }

    private async Task CompiledAsync(TContext db, Tenant tenant, CancellationToken cancel)
    {
        var rows = new List<TEntity>();
        await foreach (var row in _compiled(db).WithCancellation(cancel).ConfigureAwait(false))
        {
            rows.Add(row);
        }

        Check(rows, tenant);
    }

    // Everything that is tracked afterwards was found on the way.
    private async Task GraphAsync(TContext db, IQueryable<TEntity> query, Tenant tenant, CancellationToken cancel)
    {
        Check(await query.ToListAsync(cancel).ConfigureAwait(false), tenant);
        foreach (var entry in db.ChangeTracker.Entries().Where(entry => !entry.Metadata.IsOwned() && !entry.Metadata.HasSharedClrType))
        {
            Check(entry.Entity, entry.Metadata is IEntityType type ? type : Type, tenant);
        }
    }

    private Task<int> TouchAsync(IQueryable<TEntity> rows, CancellationToken cancel)
    {
        var name = Text!.Name;
        return rows.ExecuteUpdateAsync(set => set.SetProperty(row => EF.Property<string>(row, name), row => EF.Property<string>(row, name)), cancel);
    }

    private async Task SaveAsync(TContext db, Tenant tenant, CancellationToken cancel)
    {
        var seeds = SeedsOf(tenant);
        var row = await db.Set<TEntity>().FindAsync(seeds[World.Ledger.Next() % seeds.Count].Key, cancel).ConfigureAwait(false) ?? throw new LeakFound("an own row is missing");
        var text = World.Ledger.NextText(tenant, Text!.GetMaxLength());
        World.Ledger.Add(tenant, StampLedger.Name(Text), text);
        db.Entry(row).Property(Text.Name).CurrentValue = text;
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }

    private Task InsertAsync(TContext db, Tenant tenant, CancellationToken cancel) => InTransactionAsync(
        db,
        async () =>
        {
            Add(db, tenant, 1000 + (World.Ledger.Next() % 1_000_000));
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            db.ChangeTracker.Clear();
            var rows = await db.Set<TEntity>().ToListAsync(cancel).ConfigureAwait(false);
            Expect(rows.Count - 1, tenant);
            rows.ForEach(row => Check(row, Type, tenant));
        },
        cancel);

    private async Task RawAsync(TContext db, Tenant tenant, CancellationToken cancel) =>
        Check(await db.Set<TEntity>().FromSqlRaw(_selectAll).AsNoTracking().ToListAsync(cancel).ConfigureAwait(false), tenant);

    private async Task KeptOpenAsync(TContext db, Tenant tenant, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await RawAsync(db, tenant, cancel).ConfigureAwait(false);
        await InTransactionAsync(db, () => RawAsync(db, tenant, cancel), cancel).ConfigureAwait(false);

        // Left open on purpose: the return to the pool has to close it.
        Expect(await db.Set<TEntity>().CountAsync(cancel).ConfigureAwait(false), tenant);
    }

    private async Task FailedAsync(TContext db, Tenant tenant, CancellationToken cancel)
    {
        try
        {
            await db.Database.ExecuteSqlRawAsync(_fail, cancel).ConfigureAwait(false);
        }
        catch (Npgsql.PostgresException failure) when (failure.SqlState == Npgsql.PostgresErrorCodes.DivisionByZero)
        {
            await RawAsync(db, tenant, cancel).ConfigureAwait(false);
        }
    }

    private static async Task InTransactionAsync(TContext db, Func<Task> work, CancellationToken cancel)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await using var rollingBack = transaction.ConfigureAwait(false);
        await work().ConfigureAwait(false);
    }

    private void Check(List<TEntity> rows, Tenant tenant)
    {
        rows.ForEach(row => Check(row, Type, tenant));
        Expect(rows.Count, tenant);
    }

    private void Check(object row, IEntityType type, Tenant tenant)
    {
        var actual = type.GetDerivedTypesInclusive().FirstOrDefault(derived => derived.ClrType == row.GetType()) ?? type;
        if (World.Ledger.Foreign(tenant, actual, row) is { } foreign)
        {
            throw new LeakFound(foreign);
        }
    }

    private void Expect(int rows, Tenant tenant)
    {
        if (rows != Expected(tenant))
        {
            throw new LeakFound($"{rows} rows instead of {Expected(tenant)}");
        }
    }
}
