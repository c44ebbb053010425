using System.Linq.Expressions;
using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire.Tests.Ways;

/// <summary>A recurring job, triggered by somebody inside another tenant. Without a tenant it is Hangfire's own.</summary>
internal abstract class Recurring : JobWay
{
    public override async Task<Crossing> CrossAsync(JobsHost host, string? tenantId, Guid visit, bool mayLackTenant)
    {
        var id = visit.ToString("N");
        try
        {
            if (tenantId is null && mayLackTenant)
            {
                host.Recurring.AddOrUpdate<FreeJob>(id, job => job.RunAsync(visit), Cron.Never());
            }
            else if (tenantId is null)
            {
                host.Recurring.AddOrUpdate<VisitJob>(id, job => job.RunAsync(visit), Cron.Never());
            }
            else if (mayLackTenant)
            {
                id = Define<FreeJob>(host, tenantId, id, job => job.RunAsync(visit));
            }
            else
            {
                id = Define<VisitJob>(host, tenantId, id, job => job.RunAsync(visit));
            }

            using (TenantScope.Enter(new Tenant(tenantId == "t20" ? "t19" : "t20")))
            {
                var fired = host.Recurring.TriggerJob(id);
                return fired is null ? new(CodeLogged(host, id), Attempts: 0) : await FollowAsync(host, fired, tenantId);
            }
        }
        catch (AggregateException refusal) when (refusal.InnerException is TenantException reason)
        {
            return new(reason.Code, Attempts: 0);
        }
        finally
        {
            host.Recurring.RemoveIfExists(id);
        }
    }

    public override void Configure(IServiceCollection services)
    {
        var logs = new LogRecorder();
        services.AddSingleton(logs);
        services.AddSingleton<ILoggerFactory>(new LoggerFactory([logs]));
    }

    /// <summary>Defines it, and says the id it has in Hangfire.</summary>
    protected abstract string Define<T>(JobsHost host, string tenantId, string id, Expression<Func<T, Task>> call);

    protected virtual Task<Crossing> FollowAsync(JobsHost host, string job, string? tenantId) => EndOfAsync(host, job);

    private static string? CodeLogged(JobsHost host, string id) => host.Services.GetRequiredService<LogRecorder>().Events
        .Single(one => one.Id == 4002 && one.Values["RecurringJobId"] == id).Values["Code"];
}

internal sealed class RecurringPerTenant : Recurring
{
    protected override string Define<T>(JobsHost host, string tenantId, string id, Expression<Func<T, Task>> call)
    {
        host.Recurring.AddOrUpdateForTenant(tenantId, id, call, Cron.Never());
        return $"{tenantId}::{id}";
    }
}

/// <summary>One definition for all; the list of tenants has, when it fires, the crossing's tenant alone, and as an active one.</summary>
internal sealed class RecurringForEachTenant : Recurring
{
    public override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        ListedTenants.Decorate(services);
    }

    protected override string Define<T>(JobsHost host, string tenantId, string id, Expression<Func<T, Task>> call)
    {
        ListedTenants.During(id, tenantId);
        host.Recurring.AddOrUpdateForEachTenant(id, call, Cron.Never());
        return id;
    }

    protected override async Task<Crossing> FollowAsync(JobsHost host, string job, string? tenantId)
    {
        if (tenantId is null)
        {
            return await EndOfAsync(host, job);
        }

        (await host.ReadToEndAsync(job))[^1].Name.ShouldBe("Succeeded");
        using var connection = host.Storage.GetConnection();
        return await EndOfAsync(host, connection.GetAllEntriesFromHash("freehold:each-tenant:" + job).ShouldHaveSingleItem().Value);
    }
}
