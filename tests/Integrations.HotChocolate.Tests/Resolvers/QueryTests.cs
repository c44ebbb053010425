using System.Text.Json;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Resolvers;

public sealed class QueryTests
{
    [Theory]
    [InlineData("orders { owner }")]
    [InlineData("reflectedOrders { owner }")]
    [InlineData("pagedOrders(first: 2) { nodes { owner } }")]
    [InlineData("shapedOrders(where: { id: { gt: 1 } }, order: { id: DESC }, take: 2) { items { owner } }")]
    [InlineData("reflectedPages(first: 2, where: { id: { lt: 3 } }, order: { id: DESC }) { nodes { owner } }")]
    [InlineData("queryableOrders { owner }")]
    [InlineData("streamedOrders { owner }")]
    [InlineData("injectedOrders { owner }")]
    [InlineData("orders { lines { owner } }")]
    [InlineData("orders { loadedLines { owner order { owner lines { owner orderOwner } } } }")]
    [InlineData("orders { batchedOwner }")]
    [InlineData("node(id: \"T3JkZXI6MQ==\") { ... on Order { owner } }")]
    [InlineData("nodes(ids: [\"T3JkZXI6MQ==\", \"T3JkZXI6Mg==\"]) { ... on Order { owner loadedLines { owner } } }")]
    [InlineData("nodes(ids: \"T3JkZXI6MQ==\") { ... on Order { owner } }")]
    public async Task A_resolver_reads_its_tenants_rows_and_returns_its_context(string field)
    {
        await using var app = await StartAsync();
        foreach (var tenant in new[] { "acme", "globex", "acme" })
        {
            var reply = await app.AskAsync(tenant, $"{{ {field} }}");

            var owners = Owners(reply.Data);
            owners.ShouldNotBeEmpty();
            owners.ShouldAllBe(owner => owner == tenant);
        }

        app.Leases.Seen.ShouldBeGreaterThanOrEqualTo(3);
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task Siblings_run_in_parallel_with_a_context_each()
    {
        await using var app = await StartAsync();

        var reply = await app.AskAsync("acme", "{ a: orders { owner } b: orders { owner } c: reflectedOrders { owner } d: injectedOrders { owner } }");

        Owners(reply.Data).Count.ShouldBe(12);
        app.Leases.Seen.ShouldBe(4);
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task A_mutation_writes_its_tenants_rows()
    {
        await using var app = await StartAsync();
        var text = Guid.NewGuid().ToString();

        var reply = await app.AskAsync("acme", "mutation($t: String!) { a: addNote(text: $t) { owner } b: addNote(text: $t) { owner } }", new { t = text });

        Owners(reply.Data).ShouldBe(["acme", "acme"]);
        (await ShopDb.NotesAsync("acme", text)).ShouldBe(["acme", "acme"]);
        (await ShopDb.NotesAsync("globex", text)).ShouldBeEmpty();
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task Deferred_fields_are_their_tenants_too()
    {
        await using var app = await StartAsync();

        using var response = await app.SendAsync(
            "acme", new { query = "{ orders { id ... @defer { owner lines { owner } loadedLines { owner } } } }" }, "multipart/mixed", TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, body);
        body.ShouldNotContain("errors");
        body.Split("\"owner\":\"acme\"").Length.ShouldBe(3 + 6 + 6 + 1, body);
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task RegisterDbContextFactory_gives_the_tenants_contexts()
    {
        await using var app = await StartAsync(schema => schema.RegisterDbContextFactory<ShopDb>());

        Owners((await app.AskAsync("globex", "{ injectedOrders { owner } a: injectedOrders { owner } }")).Data).ShouldAllBe(owner => owner == "globex");

        await app.Leases.ShouldAllReturnAsync();
    }

    [Theory]
    [InlineData("\"x\"")]
    [InlineData("7")]
    public async Task A_malformed_id_leaves_no_other_node_behind_that_still_runs(string malformed)
    {
        await using var app = await StartAsync();

        var seen = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? "acme" : "globex").Select(async tenant =>
        {
            var reply = await app.AskAsync(tenant, $"{{ nodes(ids: [\"T3JkZXI6MQ==\", {malformed}, \"T3JkZXI6Mg==\"]) {{ ... on Order {{ owner }} }} orders {{ owner }} }}");
            return (tenant, reply, owners: Owners(reply.Body.GetProperty("data")));
        }));

        seen.ShouldAllBe(one => one.reply.HasErrors && one.owners.Count == 5 && one.owners.All(owner => owner == one.tenant));
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task An_abort_leaves_no_node_behind_that_still_runs()
    {
        await using var app = await StartAsync();
        var ids = string.Join(", ", Enumerable.Repeat("\"T3JkZXI6MQ==\", \"T3JkZXI6Mg==\", \"T3JkZXI6Mw==\"", 10));
        var hunt = new Leaks.LeakHunt(app, $"{{ nodes(ids: [{ids}]) {{ ... on Order {{ owner }} }} orders {{ owner }} }}", 33);

        await hunt.RunAsync(5, abort: true);

        hunt.Findings.ShouldBeEmpty();
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task More_nodes_than_are_allowed_at_once_are_refused()
    {
        await using var app = await StartAsync();

        var reply = await app.AskAsync("acme", $"{{ nodes(ids: [{string.Join(", ", Enumerable.Repeat("\"T3JkZXI6MQ==\"", 51))}]) {{ id }} }}");

        reply.HasErrors.ShouldBeTrue();
        app.Leases.Seen.ShouldBe(0);
    }

    [Fact]
    public async Task A_failed_resolver_returns_its_context()
    {
        await using var app = await StartAsync();

        var reply = await app.AskAsync("acme", "{ failing }");

        reply.HasErrors.ShouldBeTrue();
        reply.Body.ToString().ShouldNotContain("as the test told it to");
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task A_context_used_inside_another_tenant_is_refused_with_the_code()
    {
        await using var app = await StartAsync();

        var reply = await app.AskAsync("acme", "{ foreign }");

        (reply.Status, reply.Code).ShouldBe((200, TenantErrorCodes.Mismatch));
        reply.Body.ToString().ShouldNotContain("globex");
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task A_request_that_is_aborted_returns_its_contexts()
    {
        await using var app = await StartAsync();
        using var abort = new CancellationTokenSource();
        var name = Guid.NewGuid().ToString();
        var asking = app.AskAsync("acme", $"{{ slow(name: \"{name}\") orders {{ owner }} }}", cancellationToken: abort.Token);
        await app.Services.GetRequiredService<Subscribers>().Subscribed(name);
        app.Leases.Alive.ShouldBeGreaterThan(0);

        await abort.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
        await app.Leases.ShouldAllReturnAsync();
        Owners((await app.AskAsync("globex", "{ orders { owner } }")).Data).ShouldAllBe(owner => owner == "globex");
    }

    internal static Task<GraphQLApp> StartAsync(Action<global::HotChocolate.Execution.Configuration.IRequestExecutorBuilder>? schema = null) =>
        GraphQLApp.StartAsync(schema);

    /// <summary>All values of fields that say whose a row is.</summary>
    internal static List<string?> Owners(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => [.. element.EnumerateObject().SelectMany(property =>
            property.Name.EndsWith("wner", StringComparison.Ordinal) ? [property.Value.GetString()] : Owners(property.Value))],
        JsonValueKind.Array => [.. element.EnumerateArray().SelectMany(Owners)],
        _ => [],
    };
}
