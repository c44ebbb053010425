using System.Globalization;
using Freehold.Integrations.Hangfire.Hosts;
using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using Hangfire.States;

namespace Freehold.Integrations.Hangfire.Dashboard;

/// <summary>The page <c>/tenants</c>: jobs with their tenants, in one state, of one tenant or of all. What is written by Write is encoded.</summary>
internal sealed class TenantJobsPage : RazorPage
{
    private const int MostShown = 500;

    private string _state = "";
    private string? _tenantId;

    public override void Execute()
    {
        Layout = new LayoutPage("Tenants");
        _tenantId = Query("tenant") is { Length: > 0 } tenant ? tenant : null;
        _state = TenantJobList.States.FirstOrDefault(name => name.Equals(Query("state"), StringComparison.OrdinalIgnoreCase)) ?? FailedState.StateName;
        var from = Math.Max(Number("from", 0), 0);
        var count = Math.Clamp(Number("count", DashboardOptions.DefaultRecordsPerPage), 1, MostShown);

        WriteLiteral("""<div class="row"><div class="col-md-12"><h1 id="page-title" class="page-header">Tenants</h1>""");
        if (TenantHosts.Find(Storage) is null)
        {
            WriteLiteral("""<div class="alert alert-info">These jobs are of an application without tenants.</div></div></div>""");
            return;
        }

        WriteFilter();
        var page = new TenantJobList(Storage, _state).Read(_tenantId, from, count);
        WriteJobs(page.Jobs);
        WriteLinks(from, count, page);
        WriteLiteral("</div></div>");
    }

    private void WriteFilter()
    {
        WriteLiteral("""<ul class="nav nav-pills">""");
        foreach (var name in TenantJobList.States)
        {
            WriteLiteral(name == _state ? """<li class="active">""" : "<li>");
            WriteLink(name, Address(name, _tenantId));
            WriteLiteral("</li>");
        }

        WriteLiteral("""</ul><form class="form-inline" method="get">""");
        WriteInput("state", "hidden", _state);
        WriteInput("tenant", "text", _tenantId);
        WriteLiteral("""<button class="btn btn-default">Filter by tenant</button></form>""");
    }

    private void WriteInput(string name, string type, string? value)
    {
        WriteLiteral($"""<input class="form-control" name="{name}" type="{type}" aria-label="{name}" value=""" + "\"");
        Write(value);
        WriteLiteral("\"> ");
    }

    private void WriteJobs(IReadOnlyList<TenantJob> jobs)
    {
        if (jobs.Count == 0)
        {
            WriteLiteral("""<div class="alert alert-info">No jobs here.</div>""");
            return;
        }

        WriteLiteral("""<table class="table" aria-describedby="page-title"><thead><tr><th class="min-width">Id</th><th>Tenant</th><th>Job</th></tr></thead><tbody>""");
        foreach (var job in jobs)
        {
            WriteLiteral("""<tr><td class="min-width">""");
            Write(Html.JobIdLink(job.Id));
            WriteLiteral("</td><td>");
            WriteLiteral(job.TenantId is null ? "<em>none</em>" : TenantDashboard.Link(Url, job.TenantId));
            WriteLiteral("""</td><td class="word-break">""");
            Write(Html.JobNameLink(job.Id, job.Job));
            WriteLiteral("</td></tr>");
        }

        WriteLiteral("</tbody></table>");
    }

    private void WriteLinks(int from, int count, TenantJobPage page)
    {
        if (_tenantId is not null && page.Jobs.Count < count && page.Next is not null)
        {
            Write($"Looked at {TenantJobList.MostRead} jobs. ");
        }

        if (from > 0)
        {
            WriteLink("First page", Address(_state, _tenantId, 0, count));
        }

        if (page.Next is { } next)
        {
            WriteLink("Next page", Address(_state, _tenantId, next, count));
        }
    }

    private void WriteLink(string text, string address)
    {
        WriteLiteral("<a href=\"");
        Write(address);
        WriteLiteral("\">");
        Write(text);
        WriteLiteral("</a> ");
    }

    private string Address(string state, string? tenantId, int? from = null, int? count = null)
    {
        var page = from is null ? "" : string.Create(CultureInfo.InvariantCulture, $"&from={from}&count={count}");
        return $"{Url.To(TenantDashboard.Path)}?state={state}{(tenantId is null ? "" : "&tenant=" + Uri.EscapeDataString(tenantId))}{page}";
    }

    private int Number(string name, int otherwise) =>
        int.TryParse(Query(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
