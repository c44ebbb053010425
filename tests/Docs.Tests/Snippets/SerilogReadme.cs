using Freehold;
using Microsoft.AspNetCore.Builder;
using Serilog;

#pragma warning disable CA1305 // The README is no place for a culture.

namespace Shop.SerilogReadme;

internal static class Setup
{
    public static void Run(WebApplicationBuilder builder)
    {
        builder.Services.AddSerilog(serilog => serilog
            .Enrich.WithTenant()
            .WriteTo.Console(outputTemplate: "{Timestamp:HH:mm:ss} [{Level:u3}] {tenant.id} {Message:lj}{NewLine}{Exception}"));
    }
}
