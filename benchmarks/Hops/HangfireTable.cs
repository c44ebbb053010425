using Freehold.Shared;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Freehold.Benchmarks.Hops;

/// <summary>Jobs enqueued and run on Hangfire, in memory or on PostgreSQL.</summary>
internal sealed class HangfireTable(Report report, Effort effort)
{
    public Task InMemoryAsync() => RunAsync("in memory", 200, () => Task.FromResult<JobStorage>(new InMemoryStorage()));

    public Task PostgresAsync() => RunAsync("on PostgreSQL", 50, async () =>
    {
        var options = new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromMilliseconds(50) };
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(await (await PostgresServer.GetAsync()).CreateDatabaseAsync(), options), options);
    });

    private async Task RunAsync(string where, int operations, Func<Task<JobStorage>> openAsync)
    {
        report.Doing($"Hangfire {where}");
        using var bare = await StartAsync(Hop.Bare, await openAsync());
        using var again = await StartAsync(Hop.Bare, await openAsync());
        using var tenancy = await StartAsync(Hop.Tenancy, await openAsync());
        using var signed = await StartAsync(Hop.Signed, await openAsync());
        report.Ratios($"Hangfire {where}, enqueued and run, each job's share of a batch", await new Comparison(
            Enqueueing("bare Hangfire", bare),
            [
                Enqueueing("the same once more: the noise", again),
                Enqueueing("with UseMultiTenancy", tenancy, Aim.Ratio(1.05)),
                Enqueueing("with UseMultiTenancy and SignTenants", signed),
            ],
            operations,
            effort.Rounds(60)).RunAsync());
        foreach (var host in new[] { bare, again, tenancy, signed })
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
                using var entered = TenantScope.Enter(HopExtensions.Acme);
                var all = arrivals.Expect(count);
                for (var i = 0; i < count; i++)
                {
                    client.Enqueue<Work>(work => work.Run());
                }

                await all;
            },
            aim);
    }

    private static async Task<IHost> StartAsync(Hop hop, JobStorage storage)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton<Arrivals>();
        builder.Services.AddSingleton(storage);
        hop.AddTo(builder.Services);
        if (hop == Hop.Bare)
        {
            builder.Services.AddSingleton<IJobFilterProvider>(FiltersWithoutTenancy());
        }

        builder.Services.AddHangfire((services, hangfire) =>
        {
            if (hop != Hop.Bare)
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
