using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Running;

/// <summary>Runs work for one tenant, or for each.</summary>
internal static partial class TenantWork
{
    private static readonly ActivitySource Activities = new(TenantTelemetry.ActivitySource);

    public static async Task RunAsync(
        IServiceProvider services, string? tenantId, Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var tenant = await services.GetRequiredService<TenantAdmission>().AdmitAsync(tenantId, cancellationToken).ConfigureAwait(false);
        using var entered = TenantScope.Enter(tenant);
        await RunInScopeAsync(services, tenant, work, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<TenantRun> RunEachAsync(
        IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> work, ForEachTenantOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        var admission = services.GetRequiredService<TenantAdmission>();
        var logger = services.GetRequiredService<ILogger<TenantRun>>();
        var failures = new ConcurrentBag<TenantFailure>();
        var (succeeded, skipped) = (0, 0);

        using var none = TenantScope.EnterNone();
        var listed = Channel.CreateUnbounded<TenantId>(new() { SingleWriter = true });
        var listing = ListAsync(services.GetRequiredService<ITenantStore>(), listed.Writer, cancellationToken);
        try
        {
            // The token of the loop itself also means that the store failed, which is no reason to stop who is under way: they get the caller's.
            await Parallel.ForEachAsync(
                listed.Reader.ReadAllAsync(cancellationToken),
                new ParallelOptions { MaxDegreeOfParallelism = options.MaxParallelism, CancellationToken = cancellationToken },
                async (id, _) => await ServeAsync(id).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await listing.ConfigureAwait(false);
        }

        return new(succeeded, skipped, [.. failures.OrderBy(failure => failure.TenantId.Value, StringComparer.Ordinal)]);

        async Task ServeAsync(TenantId id)
        {
            Tenant tenant;
            try
            {
                tenant = await admission.AdmitAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (TenantException refusal) when (!refusal.IsRetryable)
            {
                WorkSkipped(logger, id.Value, refusal.Code);
                Interlocked.Increment(ref skipped);
                return;
            }
            catch (TenantException unavailable)
            {
                Fail(id, unavailable);
                return;
            }

            using var entered = TenantScope.Enter(tenant);
            try
            {
                await RunInScopeAsync(services, tenant, work, cancellationToken).ConfigureAwait(false);
                Interlocked.Increment(ref succeeded);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                Fail(id, failure);
            }
        }

        void Fail(TenantId id, Exception failure)
        {
            WorkFailed(logger, id.Value, failure);
            failures.Add(new(id, failure));
        }
    }

    private static async Task RunInScopeAsync(
        IServiceProvider services, Tenant tenant, Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var activity = Activities.StartActivity("ForTenant");
        activity?.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
        try
        {
            var scope = services.CreateAsyncScope();
            await using var disposing = scope.ConfigureAwait(false);
            await work(scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // The type alone: a message may hold what a trace should not.
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
            throw;
        }
    }

    // Reads on whether or not there is anybody free to serve: a store that holds a connection while it lists would otherwise hold it for as long as
    // the work takes, and the work may wait for that connection.
    private static async Task ListAsync(ITenantStore store, ChannelWriter<TenantId> listed, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
            {
                if (tenant.State == TenantState.Active)
                {
                    listed.TryWrite(tenant.Id);
                }
            }

            listed.Complete();
        }
        catch (OperationCanceledException gaveUp) when (!cancellationToken.IsCancellationRequested)
        {
            // Its own failure, not the caller's wish: who waits for the run must not take it for that.
            listed.Complete(new TimeoutException("The tenant store gave up while it listed the tenants.", gaveUp));
        }
        catch (Exception failure)
        {
            listed.Complete(failure);
        }
    }

    [LoggerMessage(1301, LogLevel.Error, "The work for tenant {TenantId} failed.")]
    private static partial void WorkFailed(ILogger logger, string tenantId, Exception failure);

    [LoggerMessage(1302, LogLevel.Information, "Tenant {TenantId} is no longer active and was skipped: {Code}.")]
    private static partial void WorkSkipped(ILogger logger, string tenantId, string code);
}
