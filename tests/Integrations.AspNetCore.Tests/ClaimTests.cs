using System.Security.Claims;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class ClaimTests
{
    public static TheoryData<string> Orders => ["implicit", "tenancy last", "tenancy before authorization", "tenancy first", "policy", "filter", "by hand"];

    [Theory, MemberData(nameof(Orders))]
    public async Task A_user_of_one_tenant_is_refused_in_another_wherever_authentication_stands(string order)
    {
        var ran = 0;
        await using var app = await TestApp.StartAsync(app => Arrange(app, order, () => ran++), services: services =>
        {
            TestUser.Add(services, isDefault: order is not ("policy" or "filter" or "by hand"));
            if (order == "filter")
            {
                services.AddControllers(mvc => mvc.Filters.Add(
                    new AuthorizeFilter(new AuthorizationPolicyBuilder(TestUser.Name).RequireAuthenticatedUser().Build())));
            }
        });
        var path = order == "filter" ? "/filtered" : "/";

        (await app.GetAsync(path, "tenant-id: globex", "user-of: acme")).ShouldBeRefused(403, TenantErrorCodes.Mismatch);
        ran.ShouldBe(0);
        (await app.GetAsync(path, "tenant-id: acme", "user-of: acme")).ShouldBeTenant("acme");
        (await app.GetAsync(path, "tenant-id: globex", "user-of: acme+globex")).ShouldBeTenant("globex");
    }

    [Fact]
    public async Task A_refused_user_cannot_tell_whether_the_other_tenant_exists()
    {
        await using var app = await TestApp.StartAsync(app => Arrange(app, "implicit", () => { }), services: services => TestUser.Add(services, isDefault: true));

        var answers = new List<string>();
        foreach (var other in new[] { "globex", "nobody", "frozen", "soon", "no/id" })
        {
            var answer = await app.GetAsync("/", "tenant-id: " + other, "user-of: acme");
            answer.ShouldBeRefused(403, TenantErrorCodes.Mismatch);
            answers.Add(string.Join('\n', answer.Body, string.Join(',', answer.Headers.Select(header => header.Key))));
        }

        answers.Distinct().ShouldHaveSingleItem().ShouldNotContain("globex");
        answers[0].ShouldNotContain("acme");
    }

    [Fact]
    public async Task A_claim_names_the_tenant_where_it_is_a_source()
    {
        await using var app = await TestApp.StartAsync(
            app => Arrange(app, "implicit", () => { }),
            http => http.FromClaim("tenant_id").FromHeader(),
            services => TestUser.Add(services, isDefault: true));

        (await app.GetAsync("/", "user-of: acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/", "user-of: acme+globex")).ShouldBeRefused(400, TenantErrorCodes.Missing);
        (await app.GetAsync("/", "user-of: acme+globex", "tenant-id: globex")).ShouldBeTenant("globex");
        (await app.GetAsync("/", "user-of: acme", "tenant-id: globex")).ShouldBeRefused(403, TenantErrorCodes.Mismatch);
        (await app.GetAsync("/")).ShouldBeRefused(400, TenantErrorCodes.Missing);
    }

    [Fact]
    public async Task A_claim_of_an_identity_that_was_not_authenticated_says_nothing()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.Use((context, next) =>
                {
                    context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tenant_id", "acme")]));
                    return next();
                });
                Arrange(app, "tenancy last", () => { });
            },
            http => http.FromClaim("tenant_id").FromHeader(),
            services => TestUser.Add(services, isDefault: false));

        (await app.GetAsync("/")).ShouldBeRefused(400, TenantErrorCodes.Missing);
        (await app.GetAsync("/", "tenant-id: globex")).ShouldBeTenant("globex");
    }

    [Fact]
    public async Task Without_verified_claims_users_may_work_in_any_tenant()
    {
        await using var app = await TestApp.StartAsync(
            app => Arrange(app, "tenancy first", () => { }),
            http => http.VerifiedClaims.Clear(),
            services => TestUser.Add(services, isDefault: true));

        (await app.GetAsync("/", "tenant-id: globex", "user-of: acme")).ShouldBeTenant("globex");
    }

    private static void Arrange(WebApplication app, string order, Action run)
    {
        _ = order switch
        {
            "implicit" => app.UseMultiTenancy(),
            "tenancy last" => app.UseRouting().UseAuthentication().UseAuthorization().UseMultiTenancy(),
            "tenancy before authorization" => app.UseRouting().UseAuthentication().UseMultiTenancy().UseAuthorization(),
            "tenancy first" => app.UseMultiTenancy().UseRouting().UseAuthentication().UseAuthorization(),
            "policy" => app.UseRouting().UseMultiTenancy().UseAuthorization(),
            "filter" => app.UseMultiTenancy(),
            _ => app.UseMultiTenancy().Use((context, next) =>
            {
                var tenants = context.Request.Headers["user-of"].ToString().Split('+');
                context.User = new(new ClaimsIdentity(tenants.Select(tenant => new Claim("tenant-id", tenant)), "by hand"));
                return next(context);
            }),
        };
        var endpoint = app.MapGet("/", (ITenantContext tenants) =>
        {
            run();
            return tenants.Required.Id.Value;
        });
        if (order == "policy")
        {
            endpoint.RequireAuthorization(new AuthorizationPolicyBuilder(TestUser.Name).RequireAuthenticatedUser().Build());
        }

        if (order == "filter")
        {
            app.MapControllers();
        }
    }
}

public sealed class FilteredController(ITenantContext tenants) : ControllerBase
{
    [HttpGet("/filtered")]
    public string Get() => User.Identity!.IsAuthenticated ? tenants.Required.Id.Value : "nobody";
}
