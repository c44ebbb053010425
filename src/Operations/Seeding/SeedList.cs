using Freehold.Core;
using Freehold.Core.Data;
using Freehold.Operations.Places;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Seeding;

/// <summary>The application's seeds, in the order of their versions.</summary>
internal sealed class SeedList
{
    private readonly SeedRegistration[] _seeds;
    private readonly string _environment;

    /// <exception cref="MultiTenancyConfigurationException">They cannot work.</exception>
    public SeedList(
        IEnumerable<SeedRegistration> seeds, IEnumerable<ContextRegistration> contexts, IOptions<TenantOperationsOptions> options, IHostEnvironment? environment = null)
    {
        _seeds = [.. seeds.OrderBy(seed => seed.Version)];
        _environment = options.Value.Environment ?? environment?.EnvironmentName ?? Environments.Production;
        foreach (var defect in Defects([.. contexts.Where(context => !context.IsForSharedTables).Select(context => context.Type)]))
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }

    /// <summary>Whether this environment has none, so that nobody lacks any.</summary>
    public bool IsEmpty => !_seeds.Any(seed => seed.IsFor(_environment));

    /// <summary>Those that the tenant lacks in this environment.</summary>
    /// <param name="site">The tenant.</param>
    /// <param name="applied">The names of those it has, by version, of other environments and releases, too.</param>
    /// <exception cref="MultiTenancyConfigurationException">They do not continue what it has.</exception>
    public IReadOnlyList<SeedRegistration> Pending(Site site, IReadOnlyDictionary<int, string> applied)
    {
        foreach (var seed in _seeds)
        {
            if (applied.TryGetValue(seed.Version, out var name) && name != seed.Name)
            {
                throw new MultiTenancyConfigurationException(
                    $"Tenant '{site.Id}' has seed {seed.Version} as '{name}', and the application calls it '{seed.Name}'. Seeds that were applied keep version and name "
                    + "(give the old one as AddSeed's name, where only the class was renamed); a new seed gets a new version.");
            }
        }

        var pending = _seeds.Where(seed => seed.IsFor(_environment) && !applied.ContainsKey(seed.Version)).ToList();
        var last = applied.Keys.DefaultIfEmpty().Max();
        return pending is [var first, ..] && first.Version < last
            ? throw new MultiTenancyConfigurationException(
                $"Tenant '{site.Id}' has seed {last} '{applied[last]}' and not {first}, which comes before it: their order was changed. Give {first} a version above {last}.")
            : pending;
    }

    private IEnumerable<string> Defects(IReadOnlyCollection<Type> contexts)
    {
        foreach (var seed in _seeds)
        {
            if (seed.Version < 1)
            {
                yield return $"The version of {seed} is {seed.Version}; it must be at least 1.";
            }

            if (string.IsNullOrWhiteSpace(seed.Name))
            {
                yield return $"Seed {seed.Version} has an empty name. Give it one, or none for the name of its class.";
            }

            if (!contexts.Contains(seed.Context))
            {
                yield return $"The {seed} is of {seed.Context.Name}, which is not registered with AddDbContext within AddMultiTenancy. Register it.";
            }
        }

        foreach (var twins in _seeds.GroupBy(seed => seed.Version).Where(twins => twins.Count() > 1))
        {
            yield return $"Version {twins.Key} is that of several seeds ({string.Join(", ", twins.Select(seed => seed.Name))}), so their order is not known. Give each its own.";
        }
    }
}

/// <summary>Can the seeds be applied, and is there somebody to do it?</summary>
internal sealed class SeedCheck(IServiceProvider services) : IStartupCheck
{
    public void Run()
    {
        if (services.GetService<ITenantSeeder>() is null)
        {
            throw new MultiTenancyConfigurationException("AddSeed needs AddOperations, which applies seeds. Call it within AddMultiTenancy.");
        }
    }
}
