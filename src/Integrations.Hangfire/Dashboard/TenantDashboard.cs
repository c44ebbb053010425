using System.Net;
using Freehold.Integrations.Hangfire.Hosts;
using Hangfire;
using Hangfire.Dashboard;

namespace Freehold.Integrations.Hangfire.Dashboard;

/// <summary>What Hangfire's dashboard shows of tenants. Its routes, menu and renderers are process-wide: added once, and silent for other hosts.</summary>
internal static class TenantDashboard
{
    public const string Path = "/tenants";

    // Before what others add to the page, which is often long.
    private const int First = -1000;

    private static int _added;

    public static void AddTo(IGlobalConfiguration configuration)
    {
        if (Interlocked.Exchange(ref _added, 1) == 0)
        {
            DashboardRoutes.Routes.AddRazorPage(Path, _ => new TenantJobsPage());
            NavigationMenu.Items.Add(page => TenantHosts.Find(page.Storage) is null
                ? null
                : new MenuItem("Tenants", page.Url.To(Path)) { Active = page.RequestPath.StartsWith(Path, StringComparison.OrdinalIgnoreCase) });
            configuration.UseJobDetailsRenderer(First, Details);
        }
    }

    /// <summary>A link to a tenant's jobs.</summary>
    public static string Link(UrlHelper url, string tenantId) =>
        $"""<a href="{WebUtility.HtmlEncode(url.To(Path) + "?tenant=" + Uri.EscapeDataString(tenantId))}">{WebUtility.HtmlEncode(tenantId)}</a>""";

    private static NonEscapedString Details(JobDetailsRendererDto job) => new(
        JobParameters.Shown(job.JobDetails.Properties.TryGetValue(TenantHeader.Name, out var json) ? json : null) is { } tenantId
            ? $"<h3>Tenant</h3><p>{Link(job.Page.Url, tenantId)}</p>"
            : "");
}
