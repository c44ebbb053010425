using System.Reflection;
using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Freehold.Integrations.Hangfire.Tests.Ways;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests;

[Boundary("Hangfire", "fire-and-forget", "in memory")]
public sealed class FireAndForgetInMemoryTests : JobPropagation
{
    private protected override JobWay Way => new FireAndForget();
}

[Boundary("Hangfire", "fire-and-forget", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class FireAndForgetPostgresTests : JobPropagation
{
    private protected override JobWay Way => new FireAndForget();
}

[Boundary("Hangfire", "delayed", "in memory")]
public sealed class DelayedInMemoryTests : JobPropagation
{
    private protected override JobWay Way => new Delayed();
}

[Boundary("Hangfire", "delayed", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class DelayedPostgresTests : JobPropagation
{
    private protected override JobWay Way => new Delayed();
}

[Boundary("Hangfire", "continuation", "in memory")]
public sealed class ContinuationInMemoryTests : JobPropagation
{
    private protected override JobWay Way => new Continuation();
}

[Boundary("Hangfire", "continuation", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class ContinuationPostgresTests : JobPropagation
{
    private protected override JobWay Way => new Continuation();
}

[Boundary("Hangfire", "retry", "in memory")]
public sealed class RetryInMemoryTests : JobPropagation
{
    private protected override JobWay Way => new Retry();
}

[Boundary("Hangfire", "retry", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class RetryPostgresTests : JobPropagation
{
    private protected override JobWay Way => new Retry();
}

[Boundary("Hangfire", "manual requeue", "in memory")]
public sealed class RequeueInMemoryTests : JobPropagation
{
    private protected override JobWay Way => new Requeue();
}

[Boundary("Hangfire", "manual requeue", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class RequeuePostgresTests : JobPropagation
{
    private protected override JobWay Way => new Requeue();
}

[Boundary("Hangfire", "recurring, per tenant", "in memory")]
public sealed class RecurringPerTenantInMemoryTests : JobPropagation
{
    private protected override JobWay Way => new RecurringPerTenant();
}

[Boundary("Hangfire", "recurring, per tenant", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class RecurringPerTenantPostgresTests : JobPropagation
{
    private protected override JobWay Way => new RecurringPerTenant();
}

[Boundary("Hangfire", "recurring, fanned out", "in memory")]
public sealed class RecurringForEachTenantInMemoryTests : JobPropagation
{
    private protected override JobWay Way => new RecurringForEachTenant();
}

[Boundary("Hangfire", "recurring, fanned out", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class RecurringForEachTenantPostgresTests : JobPropagation
{
    private protected override JobWay Way => new RecurringForEachTenant();
}

[Boundary("Hangfire", "fire-and-forget, signed", "in memory")]
public sealed class SignedFireAndForgetInMemoryTests : SignedJobPropagation
{
    private protected override JobWay Way => new FireAndForget();
}

[Boundary("Hangfire", "continuation, signed", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class SignedContinuationPostgresTests : SignedJobPropagation
{
    private protected override JobWay Way => new Continuation();
}

[Boundary("Hangfire", "recurring, per tenant, signed", "PostgreSQL")]
[Collection(nameof(OnPostgres))]
public sealed class SignedRecurringPerTenantPostgresTests : SignedJobPropagation
{
    private protected override JobWay Way => new RecurringPerTenant();
}

[Boundary("Hangfire", "recurring, fanned out, signed", "in memory")]
public sealed class SignedRecurringForEachTenantInMemoryTests : SignedJobPropagation
{
    private protected override JobWay Way => new RecurringForEachTenant();
}

/// <summary>The same with signed tenants.</summary>
public abstract class SignedJobPropagation : JobPropagation
{
    protected override void ConfigureTenancy(MultiTenancyBuilder tenancy) => SignedHost.Sign(tenancy);
}

/// <summary>A way on the storage that the class says it is over.</summary>
public abstract class JobPropagation : TenantPropagationContract
{
    private protected abstract JobWay Way { get; }

    protected override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract)
    {
        var storage = GetType().GetCustomAttribute<BoundaryAttribute>()!.Over == "PostgreSQL"
            ? await JobStorages.PostgresAsync(GetType().Name.ToLowerInvariant())
            : JobStorages.InMemory();
        var way = Way;
        var host = await JobsHost.StartAsync(
            storage,
            services =>
            {
                configureContract(services);
                services.AddSingleton(storage);
                services.AddHangfire((provider, hangfire) => hangfire.UseMultiTenancy(provider));
                way.Configure(services);
            },
            options => options.WorkerCount = Overlap,
            way.NeedsDashboard);
        return new JobBoundary(host, way, Overlap);
    }

    private sealed class JobBoundary(JobsHost host, JobWay way, int overlap) : TenantBoundary
    {
        private readonly SemaphoreSlim _slots = new(2 * overlap);

        public override IServiceProvider Services => host.Services;

        // Waiting for a slot holds up whoever crosses next: the contract's patience is for a crossing, not for a queue of two hundred.
        public override Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            var context = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            try
            {
                _slots.Wait();
                return FreeingASlotAsync(way.CrossAsync(host, tenantId, visit, mayLackTenant));
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(context);
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await host.DisposeAsync();
            _slots.Dispose();
        }

        private async Task<Crossing> FreeingASlotAsync(Task<Crossing> crossing)
        {
            try
            {
                return await crossing;
            }
            finally
            {
                _slots.Release();
            }
        }
    }
}
