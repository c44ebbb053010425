using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Processes.Host.Jobs;

/// <summary>Hangfire on PostgreSQL, with the tenant carried over it.</summary>
internal static class JobHost
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    // A server that was killed keeps its jobs and locks for as long as this; one that lives renews its jobs five times as often.
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(10);

    public static JobStorage AddClient(IServiceCollection services, HostSettings settings)
    {
        // No long polling: Npgsql 10 now and then never ends a WaitAsync that is cancelled at the wrong moment (one in some fifty thousand), and the
        // worker that waits for its end keeps the job it has fetched.
        var options = new PostgreSqlStorageOptions
        {
            QueuePollInterval = Poll,
            InvisibilityTimeout = Abandoned,
            UseSlidingInvisibilityTimeout = true,
            DistributedLockTimeout = Abandoned,
        };
        var storage = new PostgreSqlStorage(new NpgsqlConnectionFactory(settings.Carrier, options), options);
        services.AddSingleton<JobStorage>(storage);
        services.AddHangfire((provider, hangfire) => hangfire.UseMultiTenancy(provider));
        return storage;
    }

    public static JobStorage AddServer(IServiceCollection services, HostSettings settings)
    {
        services.AddHangfireServer((_, options) =>
        {
            options.WorkerCount = settings.Workers;
            options.SchedulePollingInterval = Poll;
            options.StopTimeout = TimeSpan.FromSeconds(10);
        });
        return AddClient(services, settings);
    }
}
