using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Contracts;

/// <summary>
/// What every boundary owes a tenant. An adapter's tests inherit it, start their host in <see cref="StartHostAsync"/>, and add only what
/// is theirs; <see cref="TenantBoundary"/> says what else there is to implement.
/// </summary>
public abstract class TenantPropagationContract : IAsyncLifetime
{
    private readonly VisitLog _log = new();
    private TenantBoundary? _boundary;

    /// <summary>How many crossings the host surely runs at the same time; a divisor of 20. Give the host as many workers as this.</summary>
    protected virtual int Overlap => 20;

    /// <summary>The database of the host that is to be started, where it has one: what the services that the contract configures have anyway.</summary>
    protected string? Database { get; private set; }

    /// <summary>Starts the host on these services, which have multi-tenancy and the far side already.</summary>
    protected abstract Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract);

    /// <summary>For an adapter that is added to the tenancy itself.</summary>
    protected virtual void ConfigureTenancy(MultiTenancyBuilder tenancy)
    {
    }

    public async ValueTask InitializeAsync()
    {
        GetType().GetCustomAttribute<BoundaryAttribute>().ShouldNotBeNull($"{GetType()} says by no [Boundary] which cell of docs/boundaries.md it proves");
        _boundary = await StartHostAsync(ConfigureContract);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await (_boundary?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task The_tenant_arrives_in_constructor_method_continuation_and_Task_Run()
    {
        var visit = _log.Plan();

        await ArriveAsync("acme", visit);

        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Theory]
    [InlineData(null, TenantErrorCodes.Missing)]
    [InlineData("nobody", TenantErrorCodes.Unknown)]
    [InlineData("frozen", TenantErrorCodes.Suspended)]
    public async Task A_missing_an_unknown_and_a_suspended_tenant_are_refused_and_not_retried(string? tenant, string code)
    {
        var visit = _log.Plan();

        var crossing = await CrossAsync(tenant, visit);

        crossing.RefusedWith.ShouldBe(code);
        crossing.Attempts.ShouldBeInRange(0, 1);
        visit.Runs.ShouldBe(0);
        _log.Constructions.ShouldBe(0, "a refusal comes before anything is built");
    }

    [Theory]
    [InlineData("nobody", TenantErrorCodes.Unknown)]
    [InlineData("frozen", TenantErrorCodes.Suspended)]
    public async Task What_may_lack_a_tenant_still_refuses_a_wrong_one(string tenant, string code)
    {
        var visit = _log.Plan();

        var crossing = await CrossAsync(tenant, visit, mayLackTenant: true);

        crossing.RefusedWith.ShouldBe(code);
        visit.Runs.ShouldBe(0);
    }

    [Fact]
    public async Task What_may_lack_a_tenant_runs_without_one_and_with_one()
    {
        var (without, with) = (_log.Plan(), _log.Plan());

        await ArriveAsync(null, without, mayLackTenant: true);
        await ArriveAsync("acme", with, mayLackTenant: true);

        await without.ShouldHaveSeenOnlyAsync(null);
        await with.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task Interleaved_tenants_never_mix()
    {
        var (first, second) = (new Rendezvous(Overlap), new Rendezvous(Overlap));

        await CrossInterleavedAsync(async here =>
        {
            await first.ArriveAsync();
            await here.LookAsync("among the others");
            await Task.Run(second.ArriveAsync);
            await here.LookAsync("among the others, after Task.Run");
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_tenants_work_done_or_failed_the_next_see_their_own(bool fails)
    {
        await CrossTogetherAsync("acme", fails: fails);

        await CrossTogetherAsync(null);
        await CrossTogetherAsync("globex");
    }

    [Fact]
    public async Task After_an_exception_the_near_side_is_where_it_was()
    {
        var tenants = _boundary!.Services.GetRequiredService<ITenantContext>();
        using (TenantScope.Enter(new Tenant("acme")))
        {
            await CrossAsync("acme", _log.Plan(_ => throw new FarSideException()));
            tenants.Current?.Id.Value.ShouldBe("acme");
        }

        await CrossAsync("globex", _log.Plan(_ => throw new FarSideException()));
        tenants.Current.ShouldBeNull();
    }

    [Fact]
    public async Task Nested_crossings_unwind_in_order()
    {
        var innermost = _log.Plan();
        var middle = _log.Plan(here => CrossFromAsync(here, "t01", innermost));
        var outermost = _log.Plan(here => CrossFromAsync(here, "globex", middle));

        await ArriveAsync("acme", outermost);

        await outermost.ShouldHaveSeenOnlyAsync("acme");
        await middle.ShouldHaveSeenOnlyAsync("globex");
        await innermost.ShouldHaveSeenOnlyAsync("t01");
    }

    [Fact]
    public async Task Nested_scopes_on_the_far_side_unwind_in_order()
    {
        string[] places = ["outer", "inner", "none", "inner again", "outer again"];
        var visit = _log.Plan(async here =>
        {
            await here.LookAsync(places[0]);
            await here.WithinAsync("globex", async () =>
            {
                await Task.Yield();
                await here.LookAsync(places[1]);
                await here.WithinAsync(null, () => Task.Run(() => here.LookAsync(places[2])));
                await here.LookAsync(places[3]);
            });
            await here.LookAsync(places[4]);
        });

        await ArriveAsync("acme", visit);

        await visit.Finished;
        visit.Sightings.Where(sighting => places.Contains(sighting.Where)).Select(sighting => sighting.Tenant)
            .ShouldBe(["acme", "globex", null, "globex", "acme"]);
    }

    [Fact]
    public async Task The_database_read_on_the_far_side_is_the_tenants_own()
    {
        await RestartAsync(await ProbeDb.ConnectionStringAsync());
        var together = new Rendezvous(Overlap);

        var visits = await CrossInterleavedAsync(async here =>
        {
            await here.LookIntoTheDatabaseAsync();
            await together.ArriveAsync();
            await here.LookIntoTheDatabaseAsync();
        });

        visits.ShouldAllBe(visit => visit.Sightings.Count(sighting => sighting.Where == FarSide.InTheDatabase) == 2);
    }

    [Fact]
    public async Task The_database_of_a_nested_crossing_is_its_own_tenants()
    {
        await RestartAsync(await ProbeDb.ConnectionStringAsync());
        var inner = _log.Plan(here => here.LookIntoTheDatabaseAsync());
        var outer = _log.Plan(async here =>
        {
            await here.LookIntoTheDatabaseAsync();
            await CrossFromAsync(here, "globex", inner);
            await here.LookIntoTheDatabaseAsync();
        });

        await ArriveAsync("acme", outer);

        await outer.ShouldHaveSeenOnlyAsync("acme");
        await inner.ShouldHaveSeenOnlyAsync("globex");
        outer.Sightings.Concat(inner.Sightings).Count(sighting => sighting.Where == FarSide.InTheDatabase).ShouldBe(3);
    }

    /// <summary>Ten crossings of each of twenty tenants, in turn, all started at once.</summary>
    private async Task<IReadOnlyList<Visit>> CrossInterleavedAsync(Func<IFarSide, Task> script)
    {
        var planned = Enumerable.Range(0, 10).SelectMany(_ => ContractTenants.Numbered)
            .Select(tenant => (tenant, visit: _log.Plan(script))).ToArray();

        await Task.WhenAll(planned.Select(one => ArriveAsync(one.tenant, one.visit)));

        foreach (var (tenant, visit) in planned)
        {
            await visit.ShouldHaveSeenOnlyAsync(tenant);
        }

        return [.. planned.Select(one => one.visit)];
    }

    /// <summary>As many as the host has workers, all inside at once: every worker has had this tenant, and whatever it keeps of it would show next.</summary>
    private async Task CrossTogetherAsync(string? tenant, bool fails = false)
    {
        var together = new Rendezvous(Overlap);
        var visits = Enumerable.Range(0, Overlap).Select(_ => _log.Plan(async _ =>
        {
            await together.ArriveAsync();
            if (fails)
            {
                throw new FarSideException();
            }
        })).ToArray();

        await Task.WhenAll(visits.Select(visit => ArriveAsync(tenant, visit, mayLackTenant: true)));

        foreach (var visit in visits)
        {
            await visit.ShouldHaveSeenOnlyAsync(tenant);
        }
    }

    private async Task CrossFromAsync(IFarSide here, string tenant, Visit visit)
    {
        await here.LookAsync("before crossing");
        await here.WithinAsync(null, async () =>
            (await CrossAsync(() => _boundary!.CrossFromAsync(here, tenant, visit.Id, mayLackTenant: false))).RefusedWith.ShouldBeNull());
        await here.LookAsync("after crossing");
    }

    /// <summary>Crosses, and was not refused: said at once, where waiting for the visit would take its patience.</summary>
    private async Task ArriveAsync(string? tenant, Visit visit, bool mayLackTenant = false) =>
        (await CrossAsync(tenant, visit, mayLackTenant)).RefusedWith.ShouldBeNull();

    private Task<Crossing> CrossAsync(string? tenant, Visit visit, bool mayLackTenant = false) =>
        CrossAsync(() => _boundary!.CrossAsync(tenant, visit.Id, mayLackTenant));

    private static async Task<Crossing> CrossAsync(Func<Task<Crossing>> cross)
    {
        try
        {
            return await cross().WaitAsync(Visit.Patience);
        }
        catch (FarSideException)
        {
            return new();
        }
    }

    private async Task RestartAsync(string connectionString)
    {
        await _boundary!.DisposeAsync();
        _boundary = null;
        Database = connectionString;
        _boundary = await StartHostAsync(ConfigureContract);
    }

    private void ConfigureContract(IServiceCollection services) => ContractServices.AddTo(services, _log, Database, ConfigureTenancy);
}
