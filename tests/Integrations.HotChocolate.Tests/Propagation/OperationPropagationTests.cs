using System.Text.Json;
using Freehold.Contracts;
using Freehold.Integrations.HotChocolate.Tests.Hosting;

namespace Freehold.Integrations.HotChocolate.Tests.Propagation;

[Boundary("HotChocolate", "query", "HTTP")]
public sealed class QueryPropagationTests() : OperationPropagationTests("query", "visit");

[Boundary("HotChocolate", "mutation", "HTTP")]
public sealed class MutationPropagationTests() : OperationPropagationTests("mutation", "visit");

[Boundary("HotChocolate", "DataLoader", "HTTP")]
public sealed class DataLoaderPropagationTests() : OperationPropagationTests("query", "load");

public abstract class OperationPropagationTests(string kind, string field) : GraphQLBoundaryTests
{
    private protected sealed override async Task<Crossing> CrossAsync(GraphQLApp app, string? tenantId, Guid visit, string suffix) =>
        Outcome((await app.AskAsync(tenantId, $"{kind} {{ {field}{suffix}(visit: \"{visit}\") }}")).Body);
}

/// <summary>Two operations in one HTTP request: a harmless one, and the visit.</summary>
[Boundary("HotChocolate", "batch", "HTTP")]
public sealed class BatchPropagationTests : GraphQLBoundaryTests
{
    private protected override async Task<Crossing> CrossAsync(GraphQLApp app, string? tenantId, Guid visit, string suffix)
    {
        object[] batch = [new { query = "{ __typename }" }, new { query = $"{{ visit{suffix}(visit: \"{visit}\") }}" }];
        using var response = await app.SendAsync(tenantId, batch, "application/jsonl");
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Select(line => JsonDocument.Parse(line).RootElement).Select(Outcome).MaxBy(crossing => crossing.RefusedWith is not null)!;
    }
}
