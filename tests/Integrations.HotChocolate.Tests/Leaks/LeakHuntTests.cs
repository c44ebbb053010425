using System.Collections.Concurrent;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Freehold.Integrations.HotChocolate.Tests.Resolvers;
using HotChocolate.Resolvers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Leaks;

/// <summary>The hunt finds nothing, and finds each defect that is put in on purpose.</summary>
public sealed class LeakHuntTests
{
    private const string Plain = "{ queryableOrders { owner } }";

    private static readonly int PerTenant = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1" ? 200 : 10;

    [Theory]
    [InlineData(LeakHunt.Everything, LeakHunt.OwnersOfEverything)]
    [InlineData(LeakHunt.Batch, LeakHunt.OwnersOfBatch)]
    public async Task Two_hundred_requests_of_twenty_tenants_meet_no_foreign_row_and_leave_no_context_behind(string query, int owners)
    {
        await using var app = await QueryTests.StartAsync();
        var hunt = new LeakHunt(app, query, owners);

        await hunt.RunAsync(PerTenant);

        hunt.Findings.ShouldBeEmpty();
        app.Leases.Seen.ShouldBeGreaterThanOrEqualTo(PerTenant * 20 * 2);
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task Requests_that_are_aborted_at_random_harm_no_other_and_leave_no_context_behind()
    {
        await using var app = await QueryTests.StartAsync();
        var hunt = new LeakHunt(app, LeakHunt.Everything, LeakHunt.OwnersOfEverything);

        await hunt.RunAsync(PerTenant, abort: true);

        hunt.Findings.ShouldBeEmpty();
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task Control_a_foreign_row_is_found()
    {
        // Contexts that know no tenancy, all of them acme's.
        var options = new DbContextOptionsBuilder<ShopDb>().UseNpgsql(await ShopDb.ConnectionStringAsync() + ";Search Path=tenant_acme").Options;
        await using var app = await GraphQLApp.StartAsync(services: services =>
            services.AddSingleton<ITenantDbContextFactory<ShopDb>>(new Making(() => new ShopDb(options))));

        (await FindingsOfAsync(app, Plain)).ShouldBe([Finding.ForeignRow]);
    }

    [Fact]
    public async Task Control_a_tenant_that_is_set_for_each_field_is_found()
    {
        // As one would do it without the adapter: no ambient tenant around the request, but around each resolver.
        await using var app = await GraphQLApp.StartAsync(
            schema => schema.UseField(PerField),
            services: services => services.AddHttpContextAccessor(),
            before: application => application.Use((context, next) =>
            {
                context.Request.Headers["tenant-of-field"] = context.Request.Headers[TenantHeader.Name];
                context.Request.Headers.Remove(TenantHeader.Name);
                return next(context);
            }),
            multiTenancy: false);

        (await FindingsOfAsync(app, "{ injectedOrders { owner } }")).ShouldBeEmpty("without DataLoaders it works, and seduces");
        (await FindingsOfAsync(app, "{ injectedOrders { owner loadedLines { owner } } }", 9)).ShouldBe([Finding.Error], "their batches run outside of any field, and fail");
    }

    [Fact]
    public async Task Control_a_context_that_is_disposed_too_early_is_found()
    {
        var leased = new ConcurrentQueue<ShopDb>();
        var disposes = false;
        await using var app = await GraphQLApp.StartAsync(
            schema => schema.UseField(new FieldMiddleware(next => async context =>
            {
                await next(context);
                while (disposes && leased.TryDequeue(out var db))
                {
                    await db.DisposeAsync();
                }
            })),
            services: services =>
            {
                var inner = services.Last(service => service.ServiceType == typeof(ITenantDbContextFactory<ShopDb>)).ImplementationFactory!;
                services.AddSingleton<ITenantDbContextFactory<ShopDb>>(provider => new Remembering((ITenantDbContextFactory<ShopDb>)inner(provider), leased));
            });

        (await FindingsOfAsync(app, Plain)).ShouldBeEmpty();
        leased.Clear();
        disposes = true;
        (await FindingsOfAsync(app, Plain)).ShouldBe([Finding.Error]);
    }

    [Fact]
    public async Task Control_a_context_that_is_never_given_back_is_found()
    {
        await using var app = await QueryTests.StartAsync();
        using var entered = TenantScope.Enter(new Tenant("acme"));
        var db = app.Services.GetRequiredService<ITenantDbContextFactory<ShopDb>>().Create();

        app.Leases.Alive.ShouldBe(1);
        await db.DisposeAsync();
        app.Leases.Alive.ShouldBe(0);
    }

    private static async Task<IEnumerable<Finding>> FindingsOfAsync(GraphQLApp app, string query, int owners = 3)
    {
        var hunt = new LeakHunt(app, query, owners);
        await hunt.RunAsync(1);
        return hunt.Findings.Select(finding => finding.Kind).Distinct();
    }

    private static FieldDelegate PerField(FieldDelegate next) => async context =>
    {
        var request = context.Service<IHttpContextAccessor>().HttpContext!.Request;
        using var entered = TenantScope.Enter(new Tenant(request.Headers["tenant-of-field"].ToString()));
        await next(context);
    };

    private sealed class Making(Func<ShopDb> make) : ITenantDbContextFactory<ShopDb>
    {
        public ShopDb Create() => make();

        public ShopDb Create(Tenant tenant) => make();
    }

    private sealed class Remembering(ITenantDbContextFactory<ShopDb> inner, ConcurrentQueue<ShopDb> leased) : ITenantDbContextFactory<ShopDb>
    {
        public ShopDb Create() => Remember(inner.Create());

        public ShopDb Create(Tenant tenant) => Remember(inner.Create(tenant));

        private ShopDb Remember(ShopDb context)
        {
            leased.Enqueue(context);
            return context;
        }
    }
}
