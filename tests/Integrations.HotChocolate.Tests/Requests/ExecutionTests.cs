using System.Text.Json;
using Freehold.Contracts;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Freehold.Integrations.HotChocolate.Tests.Resolvers;
using HotChocolate.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Requests;

/// <summary>Operations that are executed in process, for many tenants from one flow.</summary>
public sealed class ExecutionTests
{
    [Fact]
    public async Task Operations_for_many_tenants_from_a_flow_that_has_DataLoaders_are_each_their_own()
    {
        await using var app = await QueryTests.StartAsync();
        await TouchDataLoadersAsync(app);

        var findings = await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => ContractTenants.Numbered).Select(async tenant =>
        {
            await using var result = await app.Services.ExecuteForTenantAsync(tenant, Request("{ orders { loadedLines { owner order { owner } } } }"));
            var owners = Owners(result);
            return owners.Count == 12 && owners.All(owner => owner == tenant) ? null : result.ToJson();
        }));

        findings.ShouldAllBe(finding => finding == null);
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task Two_that_meet_are_each_their_own()
    {
        await using var app = await QueryTests.StartAsync();
        await TouchDataLoadersAsync(app);

        var owners = await MeetAsync(async tenant =>
        {
            await using var result = await app.Services.ExecuteForTenantAsync(tenant, Request("{ meetingLines { owner } }"));
            return Owners(result);
        });

        owners.ShouldBe([["acme", "acme"], ["globex", "globex"]]);
    }

    [Fact]
    public async Task Control_two_that_meet_and_are_executed_from_one_flow_share_their_DataLoaders()
    {
        await using var app = await QueryTests.StartAsync();
        await TouchDataLoadersAsync(app);
        var executor = await app.Services.GetRequiredService<IRequestExecutorProvider>().GetExecutorAsync(cancellationToken: TestContext.Current.CancellationToken);

        var owners = await MeetAsync(async tenant =>
        {
            using var entered = TenantScope.Enter(new Tenant(tenant));
            await using var result = await executor.ExecuteAsync(Request("{ meetingLines { owner } }"));
            return Owners(result);
        });

        owners.ShouldNotBe([["acme", "acme"], ["globex", "globex"]]);
    }

    [Theory]
    [InlineData(null, TenantErrorCodes.Missing)]
    [InlineData("nobody", TenantErrorCodes.Unknown)]
    [InlineData("frozen", TenantErrorCodes.Suspended)]
    public async Task It_is_admitted_like_any_request(string? tenant, string code)
    {
        await using var app = await QueryTests.StartAsync();

        (await Should.ThrowAsync<TenantException>(() => app.Services.ExecuteForTenantAsync(tenant, Request("{ version }")))).Code.ShouldBe(code);
    }

    [Fact]
    public async Task An_operation_executed_inside_a_scope_is_that_tenants_also_where_its_results_are_read_outside()
    {
        await using var app = await QueryTests.StartAsync();
        var executor = await app.Services.GetRequiredService<IRequestExecutorProvider>().GetExecutorAsync(cancellationToken: TestContext.Current.CancellationToken);
        IExecutionResult result;
        using (TenantScope.Enter(new Tenant("globex")))
        {
            result = await executor.ExecuteAsync(Request("subscription { orderSeen(name: \"in process\") }"), TestContext.Current.CancellationToken);
        }

        app.Services.GetRequiredService<Subscribers>().Tell("in process may end");
        var seen = new List<string>();
        using (TenantScope.Enter(new Tenant("acme")))
        {
            await foreach (var item in result.ShouldBeAssignableTo<IResponseStream>()!.ReadResultsAsync())
            {
                seen.Add(item.ToJson());
                await item.DisposeAsync();
            }
        }

        seen.Count.ShouldBe(3);
        seen.ShouldAllBe(json => json.Contains("globex", StringComparison.Ordinal));
        await result.DisposeAsync();
        await app.Leases.ShouldAllReturnAsync();
    }

    private static IOperationRequest Request(string query) => OperationRequestBuilder.New().SetDocument(query).Build();

    private static List<string?> Owners(IExecutionResult result) => QueryTests.Owners(JsonDocument.Parse(result.ToJson()).RootElement);

    private static async Task<List<string?>[]> MeetAsync(Func<string, Task<List<string?>>> execute) => await Task.WhenAll(execute("acme"), execute("globex"));

    /// <summary>Leaves in this flow what an execution leaves in the flow of whoever asks for it first.</summary>
    private static Task TouchDataLoadersAsync(GraphQLApp app)
    {
        var scope = app.Services.CreateScope();
        scope.ServiceProvider.GetRequiredService<global::HotChocolate.Fetching.IDataLoaderScopeFactory>().BeginScope();
        return Task.CompletedTask;
    }
}
