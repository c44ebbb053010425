using System.Net;
using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests;

public sealed class InMemoryDashboardTests : DashboardTests
{
    protected override Task<JobStorage> CreateStorageAsync() => Task.FromResult(JobStorages.InMemory());
}

[Collection(nameof(OnPostgres))]
public sealed class PostgresDashboardTests : DashboardTests
{
    // A schema per test: these look at whole lists.
    protected override Task<JobStorage> CreateStorageAsync() => JobStorages.PostgresAsync($"dashboard_{Guid.NewGuid():N}");
}

/// <summary>What Hangfire's dashboard shows of tenants, over HTTP.</summary>
public abstract class DashboardTests : IAsyncLifetime
{
    private const string Script = "<script>alert('&')</script>";
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    private JobsHost _host = null!;

    protected abstract Task<JobStorage> CreateStorageAsync();

    public async ValueTask InitializeAsync() => _host = await JobsHost.StartWithTenantsAsync(await CreateStorageAsync(), withDashboard: true);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task The_page_of_a_job_shows_its_tenant_and_leads_to_its_jobs()
    {
        var job = Schedule("acme");

        (await GetAsync($"/jobs/details/{job}")).ShouldContain("""<h3>Tenant</h3><p><a href="/tenants?tenant=acme">acme</a></p>""");
        (await GetAsync($"/jobs/details/{Schedule(null)}")).ShouldNotContain("<h3>Tenant</h3>");
    }

    [Fact]
    public async Task The_menu_leads_to_the_page_of_tenants() =>
        (await GetAsync("/")).ShouldContain("href=\"/tenants\"");

    [Fact]
    public async Task The_page_of_tenants_lists_jobs_with_their_tenants()
    {
        var (acmes, globexs, nobodys) = (Schedule("acme"), Schedule("globex"), Schedule(null));

        var rows = Rows(await GetAsync("/tenants?state=scheduled&count=100"));

        rows.ShouldContainKeyAndValue(acmes, "acme");
        rows.ShouldContainKeyAndValue(globexs, "globex");
        rows.ShouldContainKeyAndValue(nobodys, "none");
    }

    [Fact]
    public async Task Filtered_by_tenant_it_shows_that_tenants_jobs_page_by_page()
    {
        var acmes = Enumerable.Range(0, 25).Select(_ =>
        {
            Schedule("globex");
            return Schedule("acme");
        }).ToArray();
        List<string> seen = [];
        string? address = "/tenants?state=Scheduled&tenant=acme&count=10";
        var pages = 0;
        while (address is not null)
        {
            var page = await GetAsync(address);
            var rows = Rows(page);
            rows.Values.ShouldAllBe(tenant => tenant == "acme");
            rows.Count.ShouldBeLessThanOrEqualTo(10);
            seen.AddRange(rows.Keys);
            pages++;
            address = LinkOf(page, "Next page");
        }

        seen.ShouldBe(acmes, ignoreOrder: true);
        pages.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task Jobs_in_every_state_are_listed()
    {
        var (done, failing) = (_host.Visits.Plan(), _host.Visits.Plan(_ => throw new FarSideException()));
        var succeeded = _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(done.Id)));
        var failed = _host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(failing.Id)));
        var waiting = _host.CreateIn("acme", client => client.Enqueue<ElsewhereJob>(job => job.RunAsync(Guid.Empty)));
        var deleted = Schedule("acme");
        _host.Client.Delete(deleted);
        foreach (var job in new[] { succeeded, failed })
        {
            await _host.ReadToEndAsync(job);
            _host.Client.ChangeState(job, new global::Hangfire.States.EnqueuedState(), "no such state");
        }

        foreach (var (state, job) in new[] { ("succeeded", succeeded), ("failed", failed), ("enqueued", waiting), ("deleted", deleted) })
        {
            Rows(await GetAsync($"/tenants?state={state}&tenant=acme&count=100")).ShouldContainKeyAndValue(job, "acme", state);
        }

        Rows(await GetAsync("/tenants?state=processing&tenant=acme")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_from_the_storage_or_the_address_becomes_markup()
    {
        var job = Schedule("acme");
        using (var connection = _host.Storage.GetConnection())
        {
            connection.SetJobParameter(job, TenantHeader.Name, $"\"{Script}\"");
        }

        var encoded = WebUtility.HtmlEncode(Script);
        var pages = new[]
        {
            await GetAsync($"/jobs/details/{job}"),
            await GetAsync("/tenants?state=scheduled&count=100"),
            await GetAsync($"/tenants?state=scheduled&tenant={Uri.EscapeDataString(Script)}"),
        };

        pages.ShouldAllBe(page => page.Contains(encoded) && !page.Contains(Script));
        var hostile = await GetAsync($"/tenants?state={Uri.EscapeDataString("\"" + Script)}&tenant={Uri.EscapeDataString("\" onfocus=x " + Script)}&from=-1&count=%22");
        hostile.ShouldNotContain(Script);
        hostile.ShouldNotContain("\" onfocus");
    }

    [Fact]
    public async Task The_dashboard_of_a_host_without_tenants_shows_nothing_of_them()
    {
        var storage = JobStorages.InMemory();
        await using var host = await JobsHost.StartAsync(
            storage, services => services.AddSingleton(storage).AddHangfire(_ => { }), withDashboard: true);

        (await host.Dashboard.GetStringAsync(new Uri("/", UriKind.Relative))).ShouldNotContain("/tenants");
        (await host.Dashboard.GetStringAsync(new Uri("/tenants", UriKind.Relative))).ShouldContain("an application without tenants");
    }

    private string Schedule(string? tenant) => _host.CreateIn(tenant, client => client.Schedule<FreeJob>(job => job.RunAsync(Guid.Empty), Never));

    private Task<string> GetAsync(string address) => _host.Dashboard.GetStringAsync(new Uri(address, UriKind.Relative));

    /// <summary>The tenant shown for each job.</summary>
    private static Dictionary<string, string> Rows(string page) => page.Split("<tr>").Skip(2).ToDictionary(
        row => Between(row, "/jobs/details/", "\""), row => row.Contains("<em>none</em>", StringComparison.Ordinal) ? "none" : Between(row, "?tenant=", "\""));

    private static string Between(string text, string before, string after) => text.Split(before)[1].Split(after)[0];

    private static string? LinkOf(string page, string text)
    {
        var end = page.IndexOf($"\">{text}</a>", StringComparison.Ordinal);
        return end < 0 ? null : WebUtility.HtmlDecode(page[(page.LastIndexOf('"', end - 1) + 1)..end]);
    }
}
