using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Freehold.Benchmarks.Hops;

/// <summary>(d) Jobs enqueued and run on Hangfire's in-memory storage.</summary>
internal sealed class HangfireTable(Report report, Effort effort)
{
    private static readonly Tenant Acme = new("acme");

    public async Task RunAsync()
    {
        report.Doing("Hangfire");
        using var bare = await StartAsync(withTenancy: false);
        using var again = await StartAsync(withTenancy: false);
        using var tenancy = await StartAsync(withTenancy: true);
        report.Ratios("(d) Hangfire in memory, enqueued and run, each job's share of a batch", await new Comparison(
            Enqueueing("bare Hangfire", bare),
            [
                Enqueueing("the same once more: the noise", again),
                Enqueueing("with UseMultiTenancy", tenancy, Aim.Ratio(1.05)),
            ],
            Operations: 200,
            effort.Rounds(60)).RunAsync());
        foreach (var host in new[] { bare, again, tenancy })
        {
            await host.StopAsync();
        }
    }

    private static Candidate Enqueueing(string name, IHost host, Aim? aim = null)
    {
        var client = host.Services.GetRequiredService<IBackgroundJobClientV2>();
        var arrivals = host.Services.GetRequiredService<Arrivals>();
        return new(
            name,
            async count =>
            {
                using var entered = TenantScope.Enter(Acme);
                var all = arrivals.Expect(count);
                for (var i = 0; i < count; i++)
                {
                    client.Enqueue<Work>(work => work.Run());
                }

                await all;
            },
            aim);
    }

    private static async Task<IHost> StartAsync(bool withTenancy)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton<Arrivals>();
        builder.Services.AddSingleton<JobStorage>(new InMemoryStorage());
        if (withTenancy)
        {
            builder.Services.AddMultiTenancy(tenancy => tenancy.UseTenants(Acme));
        }
        else
        {
            builder.Services.AddSingleton<IJobFilterProvider>(FiltersWithoutTenancy());
        }

        builder.Services.AddHangfire((services, hangfire) =>
        {
            if (withTenancy)
            {
                hangfire.UseMultiTenancy(services);
            }
        });
        builder.Services.AddHangfireServer((_, options) => options.WorkerCount = 4);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    // Freehold's filters stand in a process-wide collection, where a bare host would find them too.
    private static JobFilterProviderCollection FiltersWithoutTenancy()
    {
        var filters = new JobFilterCollection();
        foreach (var filter in GlobalJobFilters.Filters)
        {
            filters.Add(filter.Instance, filter.Order);
        }

        return new JobFilterProviderCollection(filters, new JobFilterAttributeFilterProvider());
    }

    internal sealed class Work(Arrivals arrivals)
    {
        public void Run() => arrivals.Arrived();
    }
}
