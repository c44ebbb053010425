namespace Freehold.Cli.Host;

/// <summary>Says so where the tool starts what it must not.</summary>
internal sealed class NeverStarted : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("The application was started.");

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
