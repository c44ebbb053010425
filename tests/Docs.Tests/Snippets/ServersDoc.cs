using Freehold;

namespace Shop.ServersDoc;

internal static class Servers
{
    public static void Roles(MultiTenancyBuilder tenancy)
    {
        tenancy.UseNpgsql(
            "Host=db;Database=shop;Username=shop_app;Password=…",
            server: server => server.MigrationConnectionString = "Host=db;Username=shop_owner;Password=…");
    }

    public static void RolePerTenant(MultiTenancyBuilder tenancy, string connectionString, string migrationConnectionString)
    {
        tenancy.UseNpgsql(connectionString, server: server =>
        {
            server.MigrationConnectionString = migrationConnectionString;   // a role with CREATEROLE
            server.RolePerTenant = true;
        }).ConfigureNaming(naming => naming.RoleTemplate = "shop_{id}");    // roles are known to the whole server
    }

    public static void Pooler(MultiTenancyBuilder tenancy)
    {
        tenancy.UseNpgsql(
            "Host=pgbouncer;Port=6432;Database=shop;Username=shop_app;Password=…",
            server: server =>
            {
                server.Pooler = PoolerMode.Transaction;
                server.MigrationConnectionString = "Host=db;Username=shop_owner;Password=…";   // past the pooler
            });
    }

    public static async Task DoctorAsync(ITenantDoctor doctor)
    {
        var report = await doctor.ExamineAsync();
        foreach (var finding in report.Findings)
        {
            Console.WriteLine($"{finding.Rule} {finding.Severity} {finding.Subject}: {finding.Finding}\n{finding.RemedySql}");
        }
    }
}
