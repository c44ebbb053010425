using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.AspNetCore.Tests.Hosting;

/// <summary>Authenticates whoever sends the header <c>user-of</c>, with one claim for each of the tenants in it.</summary>
internal sealed class TestUser(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "TestUser";

    /// <summary>Adds it, as the default scheme or as one that only a policy asks.</summary>
    public static void Add(IServiceCollection services, bool isDefault)
    {
        // A single scheme would be the default one without being told.
        services.AddAuthentication(options => options.DefaultScheme = isDefault ? Name : null)
            .AddScheme<AuthenticationSchemeOptions, TestUser>(Name, null)
            .AddScheme<AuthenticationSchemeOptions, TestUser>("Another", null);
        services.AddAuthorization();
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers["user-of"] is not [{ } tenants])
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity(tenants.Split('+').Select(tenant => new Claim("tenant_id", tenant)), Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
    }
}
