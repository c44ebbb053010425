using Freehold;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Shop.SigningDoc;

internal static class Setup
{
    public static void Run(WebApplicationBuilder builder, IConfiguration configuration)
    {
        builder.Services.AddMultiTenancy(tenancy => tenancy
            .SignTenants(signing => signing.Keys["2026-11"] = configuration["TenantKey"]!));   // openssl rand -base64 32
    }
}
