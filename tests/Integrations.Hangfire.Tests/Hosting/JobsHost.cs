using Freehold.Contracts;
using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Freehold.Integrations.Hangfire.Tests.Hosting;

/// <summary>A real host with a Hangfire server on a storage of its own.</summary>
internal sealed class JobsHost : IAsyncDisposable
{
    private readonly IHost _host;

    private JobsHost(IHost host, JobStorage storage)
    {
        _host = host;
        Storage = storage;
    }

    public JobStorage Storage { get; }

    public IServiceProvider Services => _host.Services;

    public VisitLog Visits => Services.GetRequiredService<VisitLog>();

    public IBackgroundJobClientV2 Client => Services.GetRequiredService<IBackgroundJobClientV2>();

    public IRecurringJobManagerV2 Recurring => Services.GetRequiredService<IRecurringJobManagerV2>();

    /// <summary>Talks to Hangfire's dashboard, which is at the root; only in hosts that were started with it.</summary>
    public HttpClient Dashboard => _host.GetTestClient();

    /// <summary>A host of two tenants, acme and globex, and the far side of the contracts.</summary>
    public static Task<JobsHost> StartWithTenantsAsync(
        JobStorage storage,
        Action<IServiceCollection>? configure = null,
        Action<BackgroundJobServerOptions>? configureServer = null,
        Action<MultiTenancyBuilder>? configureTenancy = null,
        bool withDashboard = false) => StartAsync(
        storage,
        services =>
        {
            services.AddMultiTenancy(tenancy =>
            {
                tenancy.UseTenants(new Tenant("acme"), new Tenant("globex"));
                configureTenancy?.Invoke(tenancy);
            });
            services.AddSingleton<VisitLog>();
            services.AddScoped<FarSide>();
            services.AddSingleton<JobStorage>(storage);
            services.AddHangfire((provider, hangfire) => hangfire.UseMultiTenancy(provider));
            configure?.Invoke(services);
        },
        configureServer,
        withDashboard);

    public static async Task<JobsHost> StartAsync(
        JobStorage storage, Action<IServiceCollection> configure, Action<BackgroundJobServerOptions>? configureServer = null, bool withDashboard = false)
    {
        JobWatch.Start();
        var web = withDashboard ? WebApplication.CreateEmptyBuilder(new()) : null;
        IHostApplicationBuilder builder = web is null ? Host.CreateEmptyApplicationBuilder(new()) : web;

        // An instance, which no container disposes: Hangfire's log provider is process-wide and would keep a disposed one for the next host.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        configure(builder.Services);
        builder.Services.AddHangfireServer((_, options) =>
        {
            options.WorkerCount = 4;
            options.SchedulePollingInterval = TimeSpan.FromMilliseconds(250);
            options.StopTimeout = TimeSpan.FromSeconds(10);
            configureServer?.Invoke(options);
        });
        var host = web is null ? ((HostApplicationBuilder)builder).Build() : BuildWithDashboard(web);
        await host.StartAsync();
        return new(host, storage);
    }

    private static WebApplication BuildWithDashboard(WebApplicationBuilder builder)
    {
        builder.WebHost.UseTestServer();
        var app = builder.Build();
        app.UseHangfireDashboard("", new DashboardOptions { Authorization = [] });
        return app;
    }

    public Task<IReadOnlyList<JobState>> ReadToEndAsync(string job, string? until = null) => JobWatch.ReadToEndAsync(Storage, job, until);

    /// <summary>Creates a job inside a tenant's scope, or inside none.</summary>
    public string CreateIn(string? tenant, Func<IBackgroundJobClientV2, string> create)
    {
        using var scope = tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(tenant));
        return create(Client);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        (Storage as IDisposable)?.Dispose();
    }
}
