using Freehold;
using Microsoft.EntityFrameworkCore;

/// <summary>Who the tenants are, and where their data is: a schema each on PostgreSQL, recorded in a catalog in the same database.</summary>
internal static class Tenancy
{
    /// <summary>Call it in Program.cs, with the DbContext whose tables every tenant has.</summary>
    public static void AddTenancy<TContext>(this IHostApplicationBuilder builder) where TContext : DbContext => builder.Services.AddMultiTenancy(tenancy => tenancy
        .UseNpgsql(builder.Configuration.GetConnectionString("Tenants") ?? throw new InvalidOperationException("Set the connection string 'Tenants'."))
        .IsolateBy(Isolation.Schema)
        .UsePostgresCatalog()
        .AddDbContext<TContext>()
        .AddOperations());
}
