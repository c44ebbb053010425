using System.Runtime.InteropServices;
using Freehold;

namespace QuickStart.Tour;

/// <summary>What is around the application: places for its data, whoever uses it, whoever looks at what it did.</summary>
internal sealed class Demo : IDisposable
{
    private const int Failed = 1;
    private const int NoServer = 3;
    private const int Stopped = 130;

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _signals;
    private bool _serve;

    private Demo() => _signals =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];

    /// <summary>Set where there is nothing to run.</summary>
    public int? ExitCode { get; private set; }

    public Places Places { get; } = new();

    /// <summary>Reads the arguments, and finds or starts the servers they ask for.</summary>
    public static async Task<Demo> PrepareAsync(string[] args)
    {
        var demo = new Demo();
        var (arguments, exitCode) = Arguments.Parse(args);
        if (arguments is null)
        {
            demo.ExitCode = exitCode;
            return demo;
        }

        demo._serve = arguments.Serve;
        Screen.Title();
        demo.ExitCode = await demo.GuardAsync(() => demo.Places.FindAsync(arguments, demo._stop.Token));
        return demo;
    }

    /// <summary>Runs the application, its customers, and the look from outside.</summary>
    /// <returns>The exit code: zero if every row is where it belongs.</returns>
    public async Task<int> RunAsync(WebApplication app)
    {
        var exitCode = await GuardAsync(() => TourAsync(app)) ?? 0;
        await app.StopAsync(CancellationToken.None);
        return exitCode;
    }

    public void Dispose()
    {
        Places.Dispose();
        Array.ForEach(_signals, signal => signal.Dispose());
        _stop.Dispose();
    }

    private async Task TourAsync(WebApplication app)
    {
        await Tenants.ProvisionAsync(app.Services, _stop.Token);
        var arrivals = Arrivals.Watch(app.Services);
        await app.StartAsync(_stop.Token);
        var url = app.Urls.Single();
        Screen.Place("HTTP", url);

        using var customers = new Customers(url);
        var orders = await customers.OrderAsync(arrivals, _stop.Token);
        var refusals = await Refusal.ProvokeAllAsync(customers, _stop.Token);
        var defects = await customers.ListDefectsAsync(orders, _stop.Token);
        var outside = Places.FromOutside();
        var evidence = await Evidence.GatherAsync(outside, orders, _stop.Token);
        Screen.Rows(orders, evidence);
#if !WITHOUT_HOTCHOCOLATE
        var graph = await GraphTour.RunAsync(app, customers, arrivals, orders, _stop.Token);
        Screen.Operations(graph);
        refusals = [.. refusals, .. await GraphRequests.ProvokeAllAsync(url, customers, _stop.Token)];
        defects = [.. defects, .. graph.Defects, .. evidence.Defects];
        evidence = await Evidence.GatherAsync(outside, [.. orders, .. graph.Orders], _stop.Token);
#endif

        Screen.Refusals(refusals);
        Screen.Verdict(evidence, [.. evidence.Defects, .. refusals.Select(refusal => refusal.Defect).OfType<string>(), .. defects]);
        if (_serve)
        {
            Screen.Serving(url, outside);
            var ended = new TaskCompletionSource();
            await using var registration = _stop.Token.Register(ended.SetResult);
            await ended.Task;
        }
    }

    private async Task<int?> GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            Screen.Stopped();
            return Stopped;
        }
        catch (ServerMissingException missing)
        {
            Screen.Failed(missing.Message);
            return NoServer;
        }
        catch (Exception failed) when (
            failed is TourFailedException or TenantException or TenantOperationException or MultiTenancyConfigurationException)
        {
            Screen.Failed(failed.Message);
            return Failed;
        }
        catch (Exception failed)
        {
            Screen.Failed($"this was not foreseen.\n{failed}");
            return Failed;
        }
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Cancel();
    }
}
