using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Tests.Spares;

/// <summary>Many processes with one catalog, and many who sign up at once.</summary>
public class SignUpTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixteen_sign_ups_at_once_share_five_spares_and_no_two_get_the_same()
    {
        await using var processes = await Processes.StartAsync(4);
        var spares = await processes[0].Spares().KeepAsync(5, Cancelled);

        var tenants = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            () => processes[i % 4].Spares().ClaimAsync(new($"t{i:00}"), Cancelled), Cancelled)));

        tenants.ShouldAllBe(tenant => tenant.State == TenantState.Active);
        (await processes[0].SparesAsync()).ShouldBeEmpty();
        tenants.Where(tenant => tenant.Placement is not null).Select(tenant => tenant.Placement).ShouldBe(spares.Select(spare => spare.Placement), ignoreOrder: true);
        foreach (var tenant in tenants)
        {
            (await processes[1].OrderAsync(tenant.Id.Value, "tea")).ShouldBe([$"first of {tenant.Id}", "tea"], "and nobody else's");
        }
    }

    [Fact]
    public async Task Of_eight_sign_ups_with_one_id_one_gets_the_tenant_and_one_spare_is_gone()
    {
        await using var processes = await Processes.StartAsync(4);
        await processes[0].Spares().KeepAsync(8, Cancelled);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            async () =>
            {
                try
                {
                    return (Tenant: await processes[i % 4].Spares().ClaimAsync(new("acme"), Cancelled), Refusal: (Exception?)null);
                }
                catch (TenantConflictException refusal)
                {
                    return (null!, refusal);
                }
            },
            Cancelled)));

        outcomes.Where(outcome => outcome.Refusal is null).ShouldHaveSingleItem().Tenant.State.ShouldBe(TenantState.Active);
        (await processes[0].SparesAsync()).Length.ShouldBe(7);
    }

    [Fact]
    public async Task Processes_that_keep_spares_at_once_make_no_more_than_asked_for()
    {
        await using var processes = await Processes.StartAsync(4);

        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => processes[i].Spares().KeepAsync(3, Cancelled), Cancelled)));

        made.Sum(spares => spares.Count).ShouldBe(3);
        (await processes[0].SparesAsync()).Length.ShouldBe(3);
        (await processes[0].Spares().KeepAsync(2, Cancelled)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_host_that_keeps_spares_has_them_after_its_start_and_after_each_claim()
    {
        var log = new SpareLog();
        await using var processes = await Processes.StartAsync(1, tenancy =>
        {
            tenancy.KeepSpareTenants(2);
            tenancy.Services.AddLogging(logging => logging.AddProvider(log));
        });
        var keeper = processes[0].Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "SpareKeeper");
        await keeper.StartAsync(Cancelled);
        await log.MadeAsync(Cancelled);
        (await processes[0].SparesAsync()).Length.ShouldBe(2);

        await processes[0].Spares().ClaimAsync(new("acme"), Cancelled);
        await log.MadeAsync(Cancelled);

        (await processes[0].SparesAsync()).Length.ShouldBe(2);
        await keeper.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_rule_that_places_a_tenant_elsewhere_keeps_it_from_a_spare_and_one_that_does_not_is_told_where_it_is()
    {
        var told = new List<Tenant>();
        Exception? failure = new InvalidOperationException("The ledger is closed.");
        await using var processes = await Processes.StartAsync(1, tenancy => tenancy.PlaceBy(
            tenant => tenant.Plan == "gold" ? new(Isolation.Schema) { Schema = $"gold_{tenant.Id}" } : new(Isolation.Schema),
            (tenant, _) =>
            {
                told.Add(tenant);
                return failure is null ? Task.CompletedTask : Task.FromException(failure);
            }));
        var spare = (await processes[0].Spares().KeepAsync(1, Cancelled))[0];

        await Should.ThrowAsync<InvalidOperationException>(() => processes[0].Spares().ClaimAsync(new("acme"), Cancelled));
        (await processes[0].FindAsync("acme")).ShouldBeNull("the hook failed, so nothing was recorded");
        (await processes[0].SparesAsync()).ShouldBe([spare]);

        (failure, var before) = (null, told.Count);
        var gold = await processes[0].Spares().ClaimAsync(new("globex") { Plan = "gold" }, Cancelled);
        gold.Placement!.Schema.ShouldBe("gold_globex");
        var acme = await processes[0].Spares().ClaimAsync(new("acme"), Cancelled);
        acme.Placement.ShouldBe(spare.Placement);
        told.Skip(before).Select(tenant => tenant.Placement).ShouldBe([gold.Placement, acme.Placement]);
    }

    [Fact]
    public async Task A_claim_that_cannot_be_told_of_is_not_taken_back_from_who_was_made_ready_meanwhile()
    {
        Processes? processes = null;
        await using var started = processes = await Processes.StartAsync(1, tenancy => tenancy.PlaceBy(_ => new(Isolation.Schema), async (tenant, token) =>
        {
            token.CanBeCanceled.ShouldBeFalse("the spare is the tenant's by now");
            await processes![0].Registry.UpdateAsync(tenant with { State = TenantState.Active }, token);
            throw new InvalidOperationException("The ledger is closed.");
        }));
        await processes[0].Spares().KeepAsync(1, Cancelled);

        (await Should.ThrowAsync<InvalidOperationException>(() => processes[0].Spares().ClaimAsync(new("acme"), Cancelled))).Message.ShouldBe("The ledger is closed.");

        (await processes[0].FindAsync("acme")).State.ShouldBe(TenantState.Active);
        (await processes[0].SparesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_signs_up_again_while_a_claim_is_told_of_waits_for_it()
    {
        Processes? processes = null;
        TenantOperationException? refusal = null;
        var isFirst = true;
        await using var started = processes = await Processes.StartAsync(2, tenancy =>
        {
            tenancy.Services.Configure<TenantOperationsOptions>(options => options.LockTimeout = TimeSpan.FromMilliseconds(100));
            tenancy.PlaceBy(_ => new(Isolation.Schema), async (_, _) =>
            {
                if (isFirst)
                {
                    isFirst = false;
                    refusal = await Should.ThrowAsync<TenantOperationException>(() => processes![1].Spares().ClaimAsync(new("acme"), Cancelled));
                    throw new InvalidOperationException("The ledger is closed.");
                }
            });
        });
        var spare = (await processes[0].Spares().KeepAsync(1, Cancelled))[0];

        (await Should.ThrowAsync<InvalidOperationException>(() => processes[0].Spares().ClaimAsync(new("acme"), Cancelled))).Message.ShouldBe("The ledger is closed.");

        refusal!.IsRetryable.ShouldBeTrue();
        (await processes[0].FindAsync("acme")).ShouldBeNull();
        (await processes[0].SparesAsync()).ShouldBe([spare]);
        (await processes[1].Spares().ClaimAsync(new("acme"), Cancelled)).Placement.ShouldBe(spare.Placement);
    }

    private sealed class Processes(IReadOnlyList<Fleet> fleets) : IAsyncDisposable
    {
        public Fleet this[int i] => fleets[i];

        public static async Task<Processes> StartAsync(int count, Action<MultiTenancyBuilder>? configure = null)
        {
            var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
            var fleets = new List<Fleet>();
            for (var i = 0; i < count; i++)
            {
                fleets.Add(await Fleet.StartAsync(
                    Kind.Schemas,
                    tenancy =>
                    {
                        tenancy.Services.AddSingleton<SeedSwitch>();
                        tenancy.UsePostgresCatalog().AddDbContext<ShopDb>().AddSeed<ShopDb, FirstOrder>(1).AddOperations();
                        configure?.Invoke(tenancy);
                    },
                    database));
            }

            return new(fleets);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var fleet in fleets)
            {
                await fleet.DisposeAsync();
            }
        }
    }

    /// <summary>Hears that spares were made.</summary>
    private sealed class SpareLog : ILoggerProvider, ILogger
    {
        private readonly SemaphoreSlim _made = new(0);

        public Task MadeAsync(CancellationToken cancellationToken) => _made.WaitAsync(cancellationToken);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 6016)
            {
                _made.Release();
            }
        }

        public void Dispose() => _made.Dispose();
    }
}
