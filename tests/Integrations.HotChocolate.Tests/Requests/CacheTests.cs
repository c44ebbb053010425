using System.Text;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Freehold.Integrations.HotChocolate.Tests.Resolvers;
using HotChocolate.Execution;
using HotChocolate.Language;
using HotChocolate.PersistedOperations;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Requests;

/// <summary>What is kept of one tenant's requests is not found by another's.</summary>
public sealed class CacheTests
{
    [Fact]
    public async Task The_same_document_id_is_each_tenants_own_document()
    {
        await using var app = await StartAsync(perTenant: true);
        foreach (var tenant in new[] { "acme", "globex", "acme", "globex" })
        {
            (await AskAsync(app, tenant)).ShouldBe(tenant);
        }
    }

    [Fact]
    public async Task Requests_for_the_same_document_id_at_the_same_time_are_each_their_tenants()
    {
        await using var app = await StartAsync(perTenant: true);

        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? "acme" : "globex").Select(async tenant => (tenant, got: await AskAsync(app, tenant))));

        replies.ShouldAllBe(one => one.got == one.tenant);
    }

    [Fact]
    public async Task Control_a_document_cache_for_all_gives_one_tenants_document_to_another()
    {
        await using var app = await StartAsync(perTenant: false);

        (await AskAsync(app, "acme")).ShouldBe("acme");
        (await AskAsync(app, "globex")).ShouldBe("acme");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_chooses_what_anothers_query_means(bool perTenant)
    {
        await using var app = await GraphQLApp.StartAsync(options: options => options.DocumentsPerTenant = perTenant);
        const string Victims = "{ usual: orders { owner } }";
        var id = GraphQLApp.HashOf(Victims);
        (await app.PostAsync("acme", new { id, query = "{ evil: orders { owner } }" })).HasErrors.ShouldBeFalse();
        (await app.PostAsync(null, new { id, query = "{ version }" })).HasErrors.ShouldBeFalse();

        (await app.AskAsync("globex", Victims)).Data.TryGetProperty("usual", out _).ShouldBeTrue();
        (await app.AskAsync("acme", Victims)).Data.TryGetProperty("usual", out _).ShouldBeTrue();
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: new Dictionary<string, string> { [TenantHeader.Name] = "globex" });
        await socket.SubscribeAsync("1", Victims);
        (await socket.NextAsync()).GetProperty("data").TryGetProperty("usual", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task What_caches_may_keep_is_private_and_varies_by_the_tenant()
    {
        await using var app = await GraphQLApp.StartAsync(schema => schema.UseQueryCache());
        foreach (var tenant in new[] { "acme", "globex", "acme" })
        {
            var reply = await app.AskAsync(tenant, "{ cachedOwner }");

            reply.Data.GetProperty("cachedOwner").GetString().ShouldBe(tenant);
            var cache = reply.Headers.CacheControl.ShouldNotBeNull();
            (cache.Private, cache.Public, cache.SharedMaxAge, cache.MaxAge).ShouldBe((true, false, null, TimeSpan.FromSeconds(500)));
            string.Join(", ", reply.Headers.Vary).ShouldContain(TenantHeader.Name);
            string.Join(", ", reply.Headers.Vary).ShouldContain("accept-language");
        }
    }

    private static async Task<string> AskAsync(GraphQLApp app, string tenant)
    {
        var reply = await app.PostAsync(tenant, new { id = "theirs" });
        QueryTests.Owners(reply.Data).ShouldAllBe(owner => owner == tenant, "whoever's the document, the rows are the tenant's");
        return reply.Data.EnumerateObject().Single().Name;
    }

    private static Task<GraphQLApp> StartAsync(bool perTenant) => GraphQLApp.StartAsync(
        schema => schema.UsePersistedOperationPipeline().ConfigureSchemaServices((application, services) =>
            services.AddSingleton<IOperationDocumentStorage>(new TenantStorage(application.GetRequiredService<ITenantContext>()))),
        options => options.DocumentsPerTenant = perTenant);

    /// <summary>Under the same id, another document for each tenant: one whose only field is called as the tenant.</summary>
    private sealed class TenantStorage(ITenantContext tenants) : IOperationDocumentStorage
    {
        public ValueTask<IOperationDocument?> TryReadAsync(OperationDocumentId documentId, CancellationToken cancellationToken = default) =>
            new(new OperationDocument(Utf8GraphQLParser.Parse(Encoding.UTF8.GetBytes($"{{ {tenants.Required.Id}: orders {{ owner }} }}"))));

        public ValueTask SaveAsync(OperationDocumentId documentId, IOperationDocument document, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
