using Freehold.Core.Data;
using Freehold.Core.Data.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Freehold.Core;

/// <summary>Something that can be known to be wrong before the first tenant comes.</summary>
internal interface IStartupCheck
{
    /// <exception cref="MultiTenancyConfigurationException">It is wrong.</exception>
    void Run();
}

/// <summary>Something that only the outside can answer, asked when the checks found nothing.</summary>
internal interface IStartupProbe
{
    /// <exception cref="MultiTenancyConfigurationException">The answer is that it is wrong.</exception>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>Runs the checks and the probes before any other service of the host starts.</summary>
internal sealed class StartupCheck(IServiceProvider services) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!EF.IsDesignTime)
        {
            foreach (var check in services.GetServices<IStartupCheck>())
            {
                check.Run();
            }

            foreach (var probe in services.GetServices<IStartupProbe>())
            {
                await probe.RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Are the options possible? Asked at start-up, and again by whoever needs them without a host.</summary>
internal sealed class OptionsCheck(IOptions<MultiTenancyOptions> options, IOptions<TenantNamingOptions> naming, DatabaseProvider? provider = null) : IStartupCheck
{
    public void Run()
    {
        foreach (var defect in options.Value.Defects().Concat(naming.Value.Defects()).Concat(provider?.Defects() ?? []))
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }
}

/// <summary>Can a context's options and model be built?</summary>
internal sealed class ContextCheck<TContext>(ContextSource<TContext> source) : IStartupCheck where TContext : DbContext
{
    public void Run() => source.Check();
}
