using System.Threading.Channels;
using Freehold;
using Microsoft.EntityFrameworkCore;
using Shop.Docs;

namespace Shop.AuditPage;

public sealed class SecurityLog(ChannelWriter<TenantAuditEvent> events) : ITenantAuditSink
{
    public void Record(TenantAuditEvent auditEvent) => events.TryWrite(auditEvent);     // who reads the channel takes the time
}

internal static class Page
{
    public static void Detect(MultiTenancyBuilder tenancy)
    {
        tenancy.DetectCrossTenantAccess(CrossTenantDetection.Refuse).AddAuditSink<SecurityLog>();
    }

    public static async Task CrossAsync(IServiceProvider services, ITenantDbContextFactory<ShopDb> factory, Tenant globex)
    {
        using (AdminScope.Enter(services, "Ticket 4711: what globex sees"))
        {
            await using var theirs = factory.Create(globex);
            var orders = await theirs.Orders.CountAsync();
        }
    }
}
