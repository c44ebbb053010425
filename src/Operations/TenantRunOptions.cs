namespace Freehold;

/// <summary>How an operation goes through the tenants.</summary>
public sealed class TenantRunOptions
{
    /// <summary>How many tenants of one server are worked on at the same time, and with how many connections; 4 by default. One more holds the locks.</summary>
    public int ParallelismPerServer { get; set; } = 4;

    /// <summary>
    /// How many tenants may fail before no other is begun; 0 stops at the first. Null, the default: all are tried, but after a failure no further wave begins.
    /// </summary>
    public int? MaxFailures { get; set; }

    /// <summary>Who comes first: all others wait until these succeeded. None by default.</summary>
    public IReadOnlyCollection<TenantId> Canaries { get; set; } = [];

    /// <summary>
    /// The waves after the canaries: for each of these tags, in their order, those who have it and did not come before. None by default. Tenants of one place
    /// (isolated by row) come with the first of them.
    /// </summary>
    public IReadOnlyList<string> WaveTags { get; set; } = [];

    /// <summary>
    /// The waves after those: up to which share of the others, in percent and rising, each one goes, such as 10 and 50. What is left is the last wave.
    /// None by default: all others at once. Tenants of one place (isolated by row) are in one wave.
    /// </summary>
    public IReadOnlyList<int> WavePercentages { get; set; } = [];

    /// <summary>Is told of every tenant that is begun and ended. Null by default.</summary>
    public IProgress<TenantProgress>? Progress { get; set; }

    /// <summary>Comes before a tenant's turn; where it fails, the tenant has failed. Null by default.</summary>
    public Func<Tenant, CancellationToken, Task>? BeforeTenant { get; set; }

    /// <summary>Comes after a tenant's turn, however that went, with its outcome; where it fails, the tenant has failed. Null by default.</summary>
    public Func<TenantOutcome, CancellationToken, Task>? AfterTenant { get; set; }

    /// <summary>
    /// Comes before each migration of a tenant that is applied or reverted (<see cref="TenantMigration.IsReverted"/>), under the tenant's lock; where it fails, the
    /// migration is not begun and the tenant has failed. Where this or <see cref="AfterMigration"/> is set, each migration is a transaction of its own, and those before a
    /// failing one stay. Not for shared tables. Null by default.
    /// </summary>
    public Func<Tenant, TenantMigration, CancellationToken, Task>? BeforeMigration { get; set; }

    /// <summary>Comes after each migration, which is done then and stays; where it fails, the tenant has failed, and no further migration is begun. Null by default.</summary>
    public Func<Tenant, TenantMigration, CancellationToken, Task>? AfterMigration { get; set; }

    /// <summary>
    /// Whether tenants who are active are <see cref="TenantState.Migrating"/> in the registry during their turn, so that they are refused as unavailable, and active again
    /// when they are done; who fails is <see cref="TenantState.Failed"/> with <see cref="Tenant.Failure"/>. Who was left out of service by a run that died, was stopped or failed is
    /// brought back by the next one, whatever this says there. Other processes notice as soon as they forget what they know of the tenant
    /// (<c>MultiTenancyOptions.CacheDuration</c>). Needs a store that can be written; false by default.
    /// </summary>
    public bool TakeOutOfService { get; set; }

    /// <summary>What becomes of a run where <see cref="TenantMigrationPlan.Edited"/> names something; <see cref="EditedMigrationHandling.Warn"/> by default.</summary>
    public EditedMigrationHandling Edited { get; set; }

    /// <exception cref="MultiTenancyConfigurationException">A rule is broken.</exception>
    internal void Check()
    {
        var defect =
            ParallelismPerServer < 1 ? $"{nameof(ParallelismPerServer)} is {ParallelismPerServer}; it must be at least 1"
            : MaxFailures < 0 ? $"{nameof(MaxFailures)} is {MaxFailures}; it must be at least 0, or null"
            : WavePercentages.Any(share => share is < 1 or > 100) || !WavePercentages.SequenceEqual(WavePercentages.Distinct().Order())
                ? $"{nameof(WavePercentages)} is {string.Join(", ", WavePercentages)}; it must rise, from 1 to 100"
            : WaveTags.Distinct().Count() != WaveTags.Count || WaveTags.Any(tag => !TenantTags.IsValid(tag))
                ? $"{nameof(WaveTags)} is {string.Join(", ", WaveTags.Select(tag => $"'{tag}'"))}; each must be a tag (1 to {TenantTags.MaxLength} ASCII letters, digits, and - _ . :), and come once"
            : !Enum.IsDefined(Edited) ? $"{nameof(Edited)} is {Edited}; it must be one of {string.Join(", ", Enum.GetNames<EditedMigrationHandling>())}"
            : null;
        if (defect is not null)
        {
            throw new MultiTenancyConfigurationException($"TenantRunOptions.{defect}.");
        }
    }
}

/// <summary>A step of a run.</summary>
/// <param name="TenantId">Who was begun or ended.</param>
/// <param name="Outcome">How it went; null where it was begun.</param>
/// <param name="Ended">How many tenants have ended.</param>
/// <param name="Total">How many there are.</param>
public sealed record TenantProgress(TenantId TenantId, TenantOutcome? Outcome, int Ended, int Total);

/// <summary>What becomes of a run where migrations were edited after they were first applied.</summary>
public enum EditedMigrationHandling
{
    /// <summary>A warning is logged when it is planned, and the run goes on: who has the migration keeps what it was.</summary>
    Warn = 0,

    /// <summary>Nothing is done; for deployments that shall not go on with it.</summary>
    Refuse = 1,

    /// <summary>The run goes on, and what the migrations are now is what later plans compare with.</summary>
    Accept = 2,
}
