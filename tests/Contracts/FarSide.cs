using Microsoft.EntityFrameworkCore;

namespace Freehold.Contracts;

/// <summary>
/// What runs behind every boundary. Scoped, and injected into the constructor of the host's class: so it is built when that is built.
/// It writes down which tenant it sees, everywhere it looks.
/// </summary>
public sealed class FarSide : IFarSide
{
    public const string InTheDatabase = "in the database";

    private readonly ITenantContext _tenants;
    private readonly VisitLog _log;
    private readonly ProbeDb? _database;
    private readonly string? _constructedFor;
    private Visit? _visit;

    /// <summary>The database is there in the facts about the database.</summary>
    public FarSide(ITenantContext tenants, VisitLog log, ProbeDb? database = null)
    {
        _tenants = tenants;
        _log = log;
        _database = database;
        _constructedFor = tenants.Current?.Id.Value;
        log.CountConstruction();
    }

    /// <summary>Runs the visit of that id: the places every visit looks at, then its own script.</summary>
    public async Task VisitAsync(Guid id)
    {
        _visit = _log.Find(id);
        _visit.BeginRun();
        try
        {
            _visit.Note(new("constructed", _constructedFor));
            Look("running");
            await Task.Yield();
            Look("after an await");
            await Task.Run(() => Look("in Task.Run"));
            await _visit.RunScriptAsync(this);
        }
        finally
        {
            Look("at the end");
            _visit.EndRun();
        }
    }

    /// <summary>Writes down the tenant that is current here.</summary>
    public void Look(string where) => _visit!.Note(new(where, _tenants.Current?.Id.Value));

    public Task LookAsync(string where)
    {
        Look(where);
        return Task.CompletedTask;
    }

    public async Task LookIntoTheDatabaseAsync() =>
        _visit!.Note(new(InTheDatabase, (await _database!.Probes.AsNoTracking().SingleAsync()).Owner));

    public async Task WithinAsync(string? tenant, Func<Task> work)
    {
        using var scope = tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(tenant));
        await work();
    }
}

/// <summary>The far side failed because the test told it to.</summary>
public sealed class FarSideException() : Exception("The far side fails, as the test told it to.");
