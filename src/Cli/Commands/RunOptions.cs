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
        "--wave", "tag|percent", "The next wave, in this order: the tenants with a tag, then up to a share of the others, such as beta, 10%, 50%.");

    public RunOptions(Command command)
    {
        foreach (var option in (Option[])[_parallel, _maxFailures, _canaries, _waves])
        {
            command.Add(option);
        }
    }

    /// <exception cref="ToolException">A canary is no tenant, or the waves are in no order.</exception>
    public async Task<TenantRunOptions> ReadAsync(Invocation invocation)
    {
        var options = new TenantRunOptions
        {
            MaxFailures = invocation.Value(_maxFailures),
            Canaries = await invocation.TenantsAsync(invocation.Value(_canaries) ?? []).ConfigureAwait(false),
            WavePercentages = Percentages(invocation.Value(_waves) ?? []),
        };
        options.ParallelismPerServer = invocation.Value(_parallel) ?? options.ParallelismPerServer;
        return options;
    }

    private static int[] Percentages(string[] waves)
    {
        var shares = new List<int>();
        foreach (var wave in waves)
        {
            if (!int.TryParse(wave.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var share) || share is < 1 or > 100 || share <= shares.LastOrDefault())
            {
                throw ToolException.Usage($"--wave {wave}: it must be a tag, or a share in percent from 1 to 100, in rising order, such as --wave 10% --wave 50%.");
            }

            shares.Add(share);
        }

        return [.. shares];
    }
}
