using System.Collections.Concurrent;
using Freehold.Contracts;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Freehold.Integrations.HotChocolate.Tests.Resolvers;

namespace Freehold.Integrations.HotChocolate.Tests.Leaks;

internal enum Finding
{
    ForeignRow,
    MissingRow,
    Error,
}

/// <summary>
/// Requests of twenty tenants, all at once, through nested resolvers, DataLoaders, paging and plain queryables. Each knows its exact rows, so that an
/// empty answer is a finding like a foreign one.
/// </summary>
internal sealed class LeakHunt(GraphQLApp app, string query, int owners)
{
    /// <summary>All ways of reading, nested, but the next one.</summary>
    public const string Everything = """
        {
          orders { owner lines { owner orderOwner } loadedLines { owner order { owner loadedLines { owner } } } }
          queryableOrders { owner }
          pagedOrders(first: 3) { nodes { owner } }
          injectedOrders { owner loadedLines { owner } }
        }
        """;

    /// <summary>3 × (1 + 2 × 2 + 2 × (1 + 1 + 2)) + 3 + 3 + 3 × (1 + 2).</summary>
    public const int OwnersOfEverything = 54;

    /// <summary>A batch resolver, by itself: HotChocolate 16.5 never ends one that stands beside a slower field (docs/graphql.md).</summary>
    public const string Batch = "{ orders { owner batchedOwner } }";

    public const int OwnersOfBatch = 6;

    private readonly ConcurrentQueue<(Finding Kind, string What)> _findings = [];

    public IReadOnlyCollection<(Finding Kind, string What)> Findings => _findings;

    public async Task RunAsync(int requestsPerTenant, bool abort = false) =>
        await Task.WhenAll(Enumerable.Range(0, requestsPerTenant).SelectMany(_ => ContractTenants.Numbered).Select((tenant, i) => AskAsync(tenant, abort && i % 3 == 0, i)));

    private async Task AskAsync(string tenant, bool abort, int seed)
    {
        using var aborted = new CancellationTokenSource();
        if (abort)
        {
            aborted.CancelAfter(TimeSpan.FromMicroseconds(new Random(seed).Next(200_000)));
        }

        try
        {
            var reply = await app.AskAsync(tenant, query, cancellationToken: aborted.Token);
            var seen = reply.Body.TryGetProperty("data", out var data) ? QueryTests.Owners(data) : [];
            Finding? kind = seen.Exists(owner => owner is not null && owner != tenant) ? Finding.ForeignRow
                : reply.HasErrors ? Finding.Error
                : seen.Count != owners ? Finding.MissingRow
                : null;
            if (kind is { } found)
            {
                _findings.Enqueue((found, $"{tenant}: {seen.Count} of {owners} rows: {reply.Body}"));
            }
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // As it was meant.
        }
    }
}
