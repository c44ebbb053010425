using System.Collections.Concurrent;
using Freehold.Core.Tests.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Leaks;

/// <summary>
/// Many workers for many tenants on few connections, in every way EF reads and writes, cancelled at random. Each worker owns three
/// orders of two lines in every tenant, so that every operation knows its exact rows: an empty answer is a finding like a foreign one.
/// </summary>
public sealed class LeakHunt(TenantWorld world, int workers, int operationsPerWorker, int seed, Action<ShopDb>? defect = null)
{
    private const int Orders = 3;
    private const int Lines = 6;

    private readonly ConcurrentQueue<string> _findings = [];
    private int _cancelled;
    private int _done;

    public IReadOnlyCollection<string> Findings => _findings;

    public int Cancelled => _cancelled;

    public int Done => _done;

    public async Task PrepareAsync()
    {
        foreach (var tenant in world.Tenants)
        {
            await world.ExecuteAsync($"""
                SET app.tenant_id TO '{tenant.Id}';
                INSERT INTO "tenant_{tenant.Id}"."Orders" ("Id", "Owner") SELECT w * 10 + i, '{tenant.Id}' FROM generate_series(1, {workers}) w, generate_series(1, {Orders}) i;
                INSERT INTO "tenant_{tenant.Id}"."Line" ("Owner", "OrderId", "ProductId")
                    SELECT '{tenant.Id}', w * 10 + i, j FROM generate_series(1, {workers}) w, generate_series(1, {Orders}) i, generate_series(1, 2) j;
                """);
        }
    }

    public async Task RunAsync()
    {
        await Task.WhenAll(Enumerable.Range(1, workers).Select(worker => Task.Run(() => WorkAsync(worker))));
        foreach (var tenant in world.Tenants)
        {
            var owners = (await world.OwnersAsync(tenant)).Split(',');
            var lines = await world.OwnersAsync(tenant, "Line");
            if (owners is not [var only] || !only.StartsWith(tenant.Id.Value + "=", StringComparison.Ordinal) || lines != $"{tenant.Id}={workers * Lines}")
            {
                _findings.Enqueue($"{tenant.Id} ends with orders {string.Join(',', owners)} and lines {lines}");
            }
        }
    }

    private async Task WorkAsync(int worker)
    {
        var random = new Random(seed + worker);
        for (var i = 0; i < operationsPerWorker; i++)
        {
            var tenant = world.Tenants[random.Next(world.Tenants.Count)];
            var (name, operation) = Operations.All[random.Next(Operations.All.Count)];
            using var cancellation = new CancellationTokenSource();
            if (random.Next(8) == 0)
            {
                cancellation.CancelAfter(TimeSpan.FromMicroseconds(random.Next(4000)));
            }

            try
            {
                await OnceAsync(tenant, random.Next(2) == 0, db => operation(new Operations.Job(db, tenant.Id.Value, worker * 10, cancellation.Token)));
                Interlocked.Increment(ref _done);
            }
            catch (Exception e) when (cancellation.IsCancellationRequested && e is not ShouldAssertException)
            {
                Interlocked.Increment(ref _cancelled);
            }
            catch (Exception e)
            {
                _findings.Enqueue($"{tenant.Id}, {name}: {e.GetType().Name}: {e.Message}");
            }
        }
    }

    private async Task OnceAsync(Tenant tenant, bool injected, Func<ShopDb, Task> work)
    {
        using var entered = TenantScope.Enter(tenant);
        await using var scope = world.Services.CreateAsyncScope();
        await using var db = injected ? scope.ServiceProvider.GetRequiredService<ShopDb>() : world.Factory<ShopDb>().Create();
        defect?.Invoke(db);
        await work(db);
    }
}
