using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Freehold.Integrations.HotChocolate.Tests.Resolvers;
using HotChocolate.Execution;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Requests;

/// <summary>What needs a tenant, and how the lack of one is said.</summary>
public sealed class RequirementTests
{
    [Theory]
    [InlineData("{ orders { owner } }")]
    [InlineData("{ version orders { owner } }")]
    [InlineData("{ ...everything } fragment everything on Query { ...everything orders { owner } }")]
    [InlineData("{ ... { orders { owner } } }")]
    [InlineData("mutation { addNote(text: \"x\") { owner } }")]
    [InlineData("{ node(id: \"T3JkZXI6MQ==\") { id } }")]
    public async Task An_operation_without_a_tenant_is_refused_with_status_and_code(string query)
    {
        await using var app = await QueryTests.StartAsync();

        var reply = await app.AskAsync(null, query);

        (reply.Status, reply.Code).ShouldBe((400, TenantErrorCodes.Missing));
        reply.Body.TryGetProperty("data", out _).ShouldBeFalse();
        app.Leases.Seen.ShouldBe(0);
    }

    [Theory]
    [InlineData("nobody", 404, TenantErrorCodes.Unknown)]
    [InlineData("frozen", 403, TenantErrorCodes.Suspended)]
    public async Task An_unknown_and_a_suspended_tenant_are_refused_before_GraphQL(string tenant, int status, string code)
    {
        await using var app = await QueryTests.StartAsync();

        var reply = await app.AskAsync(tenant, "{ version }");

        (reply.Status, reply.Code).ShouldBe((status, code));
    }

    [Fact]
    public async Task A_tenant_that_calls_too_often_is_told_with_the_code_also_over_an_open_socket()
    {
        await using var app = await GraphQLApp.StartAsync(
            tenancy: all => all.LimitRate(rate => (rate.Permits, rate.Window, rate.Queue) = (2, TimeSpan.FromHours(1), 0)));
        await using var socket = await GraphQLSocket.OpenAsync(app, "acme");
        await socket.SubscribeAsync("1", "{ version }");
        (await socket.NextAsync()).GetProperty("data").GetProperty("version").GetString().ShouldBe("1 for acme");
        await socket.ReadAsync();

        await socket.SubscribeAsync("2", "{ version }");

        (await socket.NextAsync())[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe(TenantErrorCodes.Busy);
        (await app.AskAsync("acme", "{ version }")).Status.ShouldBe(429);
        (await app.AskAsync("globex", "{ version }")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("{ __typename }")]
    [InlineData("{ __schema { queryType { name } } __type(name: \"Order\") { name } }")]
    [InlineData("{ version reflectedVersion }")]
    [InlineData("{ ...free ... { version } } fragment free on Query { version }")]
    [InlineData("query a { version } query b { orders { owner } }", "a")]
    public async Task Introspection_and_what_may_lack_a_tenant_run_without_one(string query, string? operationName = null)
    {
        await using var app = await QueryTests.StartAsync();

        var reply = await app.PostAsync(null, new { query, operationName });

        reply.Status.ShouldBe(200, reply.Body.ToString());
        reply.HasErrors.ShouldBeFalse(reply.Body.ToString());
    }

    [Fact]
    public async Task What_may_lack_a_tenant_runs_for_the_one_that_is_named()
    {
        await using var app = await QueryTests.StartAsync();

        (await app.AskAsync("acme", "{ version }")).Data.GetProperty("version").GetString().ShouldBe("1 for acme");
        (await app.AskAsync(null, "{ version }")).Data.GetProperty("version").GetString().ShouldBe("1 for nobody");
    }

    [Fact]
    public async Task A_field_that_asks_for_a_context_without_a_tenant_fails_with_the_code()
    {
        await using var app = await QueryTests.StartAsync();

        var reply = await app.AskAsync(null, "{ version countWithoutTenant }");

        (reply.Status, reply.Code).ShouldBe((200, TenantErrorCodes.Missing));
    }

    [Theory]
    [InlineData("{ orderCount }")]
    [InlineData("{ renamedCount }")]
    [InlineData("{ reflectedCount }")]
    [InlineData("mutation { dropNotes }")]
    public async Task Where_tenants_are_not_needed_by_default_a_marked_resolver_needs_one_however_it_was_written(string query)
    {
        await using var app = await GraphQLApp.StartAsync(options: options => options.RequireTenantByDefault = false);

        var reply = await app.AskAsync(null, query);

        (reply.Status, reply.Code).ShouldBe((400, TenantErrorCodes.Missing));
        reply.Body.TryGetProperty("data", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("{ shop { name secret } }")]
    [InlineData("mutation { ping { query { orderCount } } }")]
    [InlineData("mutation { ping { query { unmarkedCount } } }")]
    public async Task A_field_that_needs_a_tenant_needs_it_wherever_it_is_reached(string query)
    {
        await using var app = await QueryTests.StartAsync();

        (await app.AskAsync(null, query)).Code.ShouldBe(TenantErrorCodes.Missing);
        (await app.AskAsync("acme", query)).HasErrors.ShouldBeFalse();
    }

    [Fact]
    public async Task What_runs_is_asked_whether_it_needs_a_tenant_whatever_was_sent_along_with_its_id()
    {
        await using var app = await QueryTests.StartAsync();
        const string Protected = "{ orderCount }";
        (await app.AskAsync("acme", Protected)).HasErrors.ShouldBeFalse();
        var id = GraphQLApp.HashOf(Protected);

        var reply = await app.GetAsync(null, $"id={id}&query={{version}}");

        (reply.Status, reply.Code).ShouldBe((400, TenantErrorCodes.Missing));
        reply.Body.TryGetProperty("data", out _).ShouldBeFalse();
        (await app.GetAsync("acme", $"id={id}&query={{version}}")).Data.GetProperty("orderCount").GetInt32().ShouldBe(3, "what is cached under the id is what runs");
    }

    [Fact]
    public async Task A_schema_can_leave_the_tenant_to_its_fields()
    {
        await using var app = await GraphQLApp.StartAsync(options: options => options.RequireTenantByDefault = false);

        (await app.AskAsync(null, "{ orders { owner } }")).Code.ShouldBe(TenantErrorCodes.Missing);
        QueryTests.Owners((await app.AskAsync("acme", "{ orders { owner } }")).Data).ShouldBe(["acme", "acme", "acme"]);
    }

    [Fact]
    public async Task Warm_up_needs_no_tenant_and_executes_nothing()
    {
        IExecutionResult? result = null;
        await using var app = await GraphQLApp.StartAsync(schema => schema.AddWarmupTask(async (executor, cancellationToken) =>
            result = await executor.ExecuteAsync(
                OperationRequestBuilder.New().SetDocument("{ orders { owner } }").MarkAsWarmupRequest().Build(), cancellationToken)));

        result.ShouldBeOfType<WarmupExecutionResult>();
        app.Leases.Seen.ShouldBe(0);
    }

    [Fact]
    public async Task An_item_of_a_batch_that_names_another_tenant_is_refused()
    {
        await using var app = await QueryTests.StartAsync();
        object[] batch =
        [
            new { query = "{ orders { owner } }", extensions = Naming("acme") },
            new { query = "{ a: orders { owner } }", extensions = Naming("globex") },
        ];

        using var response = await app.SendAsync("acme", batch, "application/jsonl", TestContext.Current.CancellationToken);
        var lines = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Single(line => line.Contains("errors", StringComparison.Ordinal)).ShouldContain(TenantErrorCodes.Mismatch);
        lines.ShouldAllBe(line => !line.Contains("globex", StringComparison.Ordinal));
        (await app.AskAsync("acme", "{ orders { owner } }", extensions: Naming("globex"))).Code.ShouldBe(TenantErrorCodes.Mismatch);
        (await app.AskAsync(null, "{ version }", extensions: Naming("acme"))).Code.ShouldBe(TenantErrorCodes.Mismatch);
    }

    [Fact]
    public async Task The_refusal_of_one_request_is_not_the_error_of_another_with_the_same_query()
    {
        await using var app = await QueryTests.StartAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
            (Named: i % 2 == 0, Reply: await app.AskAsync(i % 2 == 0 ? "acme" : null, "{ fresh: orders { owner } }"))));

        replies.Where(one => one.Named).ShouldAllBe(one => !one.Reply.HasErrors);
        replies.Where(one => !one.Named).ShouldAllBe(one => one.Reply.Code == TenantErrorCodes.Missing);
    }

    [Fact]
    public async Task A_schema_in_an_application_without_multi_tenancy_does_not_start()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddGraphQLServer().AddMultiTenancy().AddQueryType(query => query.Name("Query").Field("a").Resolve("b"));
        await using var app = builder.Build();

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => app.StartAsync(TestContext.Current.CancellationToken)))
            .Message.ShouldContain("AddMultiTenancy");
    }

    [Fact]
    public void A_schema_is_not_given_multi_tenancy_twice()
    {
        var services = new ServiceCollection();
        services.AddGraphQLServer("other").AddMultiTenancy();

        Should.Throw<MultiTenancyConfigurationException>(() => services.AddGraphQLServer().AddMultiTenancy().AddMultiTenancy());
    }

    [Fact]
    public async Task A_marked_parameter_that_is_no_context_stops_the_start()
    {
        (await Should.ThrowAsync<Exception>(() => GraphQLApp.StartAsync(schema => schema.AddTypeExtension(
            new ObjectTypeExtension(query => query.Name(OperationTypeNames.Query).Field("wrong").ResolveWith<MarkedWrongly>(marked => marked.GetWrong("")))))))
            .ToString().ShouldContain("which is no DbContext");
    }

    public sealed class MarkedWrongly
    {
        public string GetWrong([TenantDb] string db) => db;
    }

    private static Dictionary<string, string> Naming(string tenant) => new() { [TenantHeader.Name] = tenant };
}
