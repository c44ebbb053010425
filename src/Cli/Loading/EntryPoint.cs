using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Cli.Loading;

/// <summary>
/// Runs an application's entry point up to where its host is built, as <c>dotnet ef</c> does: the host announces itself to listeners of
/// <c>Microsoft.Extensions.Hosting</c>. There the entry point is held for as long as the services are used, so that what it opened before stays open, and ended
/// then: nothing that comes after building the host happens.
/// </summary>
internal sealed class EntryPoint : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IAsyncDisposable
{
    // The name that .NET's own resolver of hosts has for it.
    private const string TimeoutVariable = "DOTNET_HOST_FACTORY_RESOLVER_DEFAULT_TIMEOUT_IN_SECONDS";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan TimeToLeave = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<IHost> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _isOver = new();
    private Task _running = Task.CompletedTask;
    private IHost? _host;

    private EntryPoint()
    {
    }

    public IServiceProvider Services => _host!.Services;

    /// <exception cref="ToolException">It ended, failed or took too long before it had built a host; what it printed until then is told.</exception>
    public static async Task<EntryPoint> BuildHostAsync(Assembly assembly, string[] arguments, ApplicationOutput output, CancellationToken stop)
    {
        var name = assembly.GetName().Name!;
        var entryPoint = new EntryPoint();
        using var listening = DiagnosticListener.AllListeners.Subscribe(entryPoint);
        entryPoint._running = Task.Factory.StartNew(() => Run(assembly, arguments), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var timeout = Timeout();
        var first = await Task.WhenAny(entryPoint._built.Task, entryPoint._running, Task.Delay(timeout, stop)).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        entryPoint._host =
            entryPoint._built.Task.IsCompletedSuccessfully ? await entryPoint._built.Task.ConfigureAwait(false)
            : first == entryPoint._running ? throw Ended(name, entryPoint._running.Exception?.InnerException, output.Text)
            : throw ToolException.Unusable($"{name} built no host within {timeout.TotalSeconds:0} seconds. If it needs longer, set {TimeoutVariable}.");
        output.Forget();
        return entryPoint;
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
        {
            value.Subscribe(this);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: "HostBuilt", Value: IHost host } && _built.TrySetResult(host))
        {
            _isOver.Wait();
            throw new HostAbortedException();
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }

        // It may clean up after itself; that it throws what ended it is expected.
        _isOver.Set();
        await Task.WhenAny(_running, Task.Delay(TimeToLeave)).ConfigureAwait(false);
        _isOver.Dispose();
    }

    private static void Run(Assembly assembly, string[] arguments)
    {
        var main = assembly.EntryPoint ?? throw new InvalidOperationException("it has no entry point");
        main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [arguments], null);
    }

    private static ToolException Ended(string name, Exception? failure, string printed) => failure is null
        ? ToolException.Unusable(
            $"{printed}{name} ended before it had built a host, so there are no services to work with. Freehold loads applications that build theirs with WebApplication.CreateBuilder or "
            + "Host.CreateApplicationBuilder; give it the arguments that it needs for that after '--'.")
        : ToolException.Unusable(
            $"{printed}{name} failed before its host was built: {Failures.Line(failure)} "
            + "What it needs to start, it needs here: settings, environment variables, or arguments after '--'.", failure);

    private static TimeSpan Timeout() => uint.TryParse(Environment.GetEnvironmentVariable(TimeoutVariable), out var seconds) ? TimeSpan.FromSeconds(seconds) : DefaultTimeout;
}
