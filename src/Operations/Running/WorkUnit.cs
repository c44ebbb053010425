namespace Freehold.Operations.Running;

/// <summary>What is done in one piece: a tenant, or all tenants of one place.</summary>
/// <param name="Server">The server whose connections it takes.</param>
/// <param name="Tenants">Whose outcome it is.</param>
/// <param name="Do">The work on a slot of that server.</param>
internal sealed record WorkUnit(string Server, IReadOnlyList<Tenant> Tenants, Func<Slot, CancellationToken, Task<UnitResult>> Do)
{
    /// <summary>The migrations that it applied and reverted so far, also where it fails then.</summary>
    public List<TenantMigration> Migrations { get; init; } = [];
}

/// <summary>What a unit's work did.</summary>
internal sealed record UnitResult(TenantOutcomeKind Kind)
{
    public static readonly UnitResult Nothing = new(TenantOutcomeKind.NothingToDo);

    public static readonly UnitResult Done = new(TenantOutcomeKind.Succeeded);
}

/// <summary>One of the places at a server where units are worked on, one after the other. Keeps what the next one can use, too.</summary>
internal sealed class Slot : IAsyncDisposable
{
    private readonly Dictionary<string, IAsyncDisposable> _kept = new(StringComparer.Ordinal);

    /// <summary>What was kept under a name, or null.</summary>
    public T? Kept<T>(string name) where T : class, IAsyncDisposable => _kept.GetValueOrDefault(name) as T;

    public void Keep(string name, IAsyncDisposable what) => _kept[name] = what;

    public async ValueTask DropAsync(string name)
    {
        if (_kept.Remove(name, out var kept))
        {
            await kept.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _kept.Keys.ToArray())
        {
            await DropAsync(name).ConfigureAwait(false);
        }
    }
}
