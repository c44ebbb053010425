namespace Freehold.Operations.Migrating;

/// <summary>A migration that is applied, or reverted.</summary>
internal readonly record struct MigrationMove(string Id, bool IsDown);

/// <summary>How far migrations go.</summary>
/// <param name="Context">The name of the only context that is meant; null for all.</param>
/// <param name="Id">The last migration to be applied, or <see cref="Nothing"/>; null for all there are.</param>
internal sealed record MigrationTarget(string? Context = null, string? Id = null)
{
    /// <summary>EF's name of the state before the first migration.</summary>
    public const string Nothing = "0";

    public static readonly MigrationTarget Latest = new();

    public bool Concerns(ContextScripts context) => Context is null || context.Name == Context;
}

/// <summary>How a place is migrated.</summary>
/// <param name="Target">How far.</param>
/// <param name="Done">Is told of each migration that was committed.</param>
internal sealed record MigrationWay(MigrationTarget Target, Action<TenantMigration> Done)
{
    /// <summary>Comes before each migration; null: nothing, so that they can go together.</summary>
    public Func<TenantMigration, Task>? Before { get; init; }

    /// <summary>Comes after each migration; null: nothing.</summary>
    public Func<TenantMigration, Task>? After { get; init; }

    public bool IsOneByOne => Before is not null || After is not null;

    /// <summary>Makes a move, with what comes before and after.</summary>
    public async Task MakeAsync(TenantMigration migration, Func<Task> move)
    {
        await (Before?.Invoke(migration) ?? Task.CompletedTask).ConfigureAwait(false);
        await move().ConfigureAwait(false);
        Done(migration);
        await (After?.Invoke(migration) ?? Task.CompletedTask).ConfigureAwait(false);
    }
}
