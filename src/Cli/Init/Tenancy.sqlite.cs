using Freehold;
using Microsoft.EntityFrameworkCore;

/// <summary>Who the tenants are, and where their data is: a SQLite file each; the list is the section 'Tenants' of the configuration.</summary>
internal static class Tenancy
{
    /// <summary>Call it in Program.cs, with the DbContext whose tables every tenant has.</summary>
    public static void AddTenancy<TContext>(this IHostApplicationBuilder builder) where TContext : DbContext => builder.Services.AddMultiTenancy(tenancy => tenancy
        .UseSqlite("tenants")
        .UseTenants(builder.Configuration.GetSection("Tenants"))
        .AddDbContext<TContext>()
        .AddOperations());
}
