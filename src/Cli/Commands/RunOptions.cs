using System.CommandLine;
using System.Globalization;

namespace Freehold.Cli.Commands;

/// <summary>How a command goes through the tenants.</summary>
internal sealed class RunOptions
{
    private readonly Option<int?> _parallel = TypedOptions.Number("--parallel", 1, "How many tenants of one server at the same time. 4 by default.");
    private readonly Option<int?> _maxFailures = TypedOptions.Number(
        "--max-failures", 0, "How many may fail before no other is begun. By default all are tried, but after a failure no further wave begins.");

    private readonly Option<string[]> _canaries = TypedOptions.Several("--canary", "id", "This tenant before all others, which wait until it succeeded. Can be repeated.");
    private readonly Option<string[]> _waves = TypedOptions.Several(
        "--wave", "tag|percent", "The next wave: the tenants with a tag, and then up to a share of the others, such as beta, 10%, 50%. Can be repeated.");

    /// <summary>Adds the options to a command; those of waves only where the tenants are there already.</summary>
    public RunOptions(Command command, bool hasWaves = true)
    {
        foreach (var option in hasWaves ? (Option[])[_parallel, _maxFailures, _canaries, _waves] : [_parallel, _maxFailures])
        {
            command.Add(option);
        }
    }

    /// <exception cref="ToolException">A canary is no tenant, or the waves are in no order.</exception>
    public async Task<TenantRunOptions> ReadAsync(Invocation invocation)
    {
        var (tags, shares) = Waves(invocation.Value(_waves) ?? []);
        var options = new TenantRunOptions
        {
            MaxFailures = invocation.Value(_maxFailures),
            Canaries = await invocation.TenantsAsync(invocation.Value(_canaries) ?? []).ConfigureAwait(false),
            WaveTags = tags,
            WavePercentages = shares,
        };
        options.ParallelismPerServer = invocation.Value(_parallel) ?? options.ParallelismPerServer;
        return options;
    }

    // What ends with % is a share; everything else is a tag, which has no such sign.
    private static (List<string> Tags, List<int> Shares) Waves(string[] waves)
    {
        var (tags, shares) = (new List<string>(), new List<int>());
        foreach (var wave in waves)
        {
            if (wave.EndsWith('%'))
            {
                var isNumber = int.TryParse(wave.AsSpan(0, wave.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var share);
                shares.Add(isNumber && share is >= 1 and <= 100 && share > shares.LastOrDefault()
                    ? share
                    : throw ToolException.Usage($"--wave {wave}: a share is from 1% to 100%, and more than the one before, such as --wave 10% --wave 50%."));
            }
            else if (TenantTags.IsValid(wave) && !tags.Contains(wave) && shares.Count == 0)
            {
                tags.Add(wave);
            }
            else
            {
                throw ToolException.Usage($"--wave {wave}: waves are tags, each once, and then shares of the others, such as --wave beta --wave 10% --wave 50%.");
            }
        }

        return (tags, shares);
    }
}
