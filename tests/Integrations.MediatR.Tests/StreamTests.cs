using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

public sealed class StreamTests
{
    private static readonly (string? Ambient, string? Scoped) Acme = ("acme", "acme");

    [Theory]
    [InlineData(null)]
    [InlineData("globex")]
    public async Task A_stream_enumerated_elsewhere_keeps_to_the_tenant_it_was_created_in(string? elsewhere)
    {
        await using var services = Application.Build();
        await using var scope = services.CreateAsyncScope();
        var tenants = services.GetRequiredService<ITenantContext>();
        IAsyncEnumerable<(string?, string?)> stream;
        using (Application.Enter("acme"))
        {
            stream = scope.ServiceProvider.GetRequiredService<IMediator>().CreateStream(new Watch());
        }

        using var entered = Application.Enter(elsewhere);
        var items = 0;
        await foreach (var item in stream)
        {
            item.ShouldBe(Acme);
            tenants.Current?.Id.Value.ShouldBe(elsewhere);
            await Task.Yield();
            items++;
        }

        items.ShouldBe(3);
        tenants.Current?.Id.Value.ShouldBe(elsewhere);
    }

    [Fact]
    public async Task A_stream_whose_every_step_is_in_another_flow_keeps_to_its_tenant_and_leaves_each_flow_its_own()
    {
        await using var services = Application.Build();
        await using var scope = services.CreateAsyncScope();
        var tenants = services.GetRequiredService<ITenantContext>();
        IAsyncEnumerator<(string?, string?)> stream;
        using (Application.Enter("acme"))
        {
            stream = scope.ServiceProvider.GetRequiredService<IMediator>().CreateStream(new Watch()).GetAsyncEnumerator();
        }

        foreach (var tenant in new[] { null, "globex", "acme" })
        {
            (await InFlowOf(tenant, async () => await stream.MoveNextAsync())).ShouldBeTrue();
            stream.Current.ShouldBe(Acme);
        }

        (await InFlowOf("t01", async () => await stream.MoveNextAsync())).ShouldBeFalse();
        await InFlowOf("t02", async () =>
        {
            await stream.DisposeAsync();
            return true;
        });

        Task<bool> InFlowOf(string? tenant, Func<Task<bool>> step)
        {
            using (ExecutionContext.SuppressFlow())
            {
                return Task.Run(async () =>
                {
                    using var entered = Application.Enter(tenant);
                    var result = await step();
                    tenants.Current?.Id.Value.ShouldBe(tenant);
                    return result;
                });
            }
        }
    }

    [Fact]
    public async Task A_stream_enumerated_inside_another_tenants_handler_brings_its_own_scope_along()
    {
        await using var services = Application.Build();
        await using var acmes = services.CreateAsyncScope();
        IAsyncEnumerable<(string?, string?)> stream;
        using (Application.Enter("acme"))
        {
            stream = acmes.ServiceProvider.GetRequiredService<IMediator>().CreateStream(new Watch());
        }

        await services.SendAsync("globex", new Run(async here =>
        {
            await foreach (var item in stream)
            {
                item.ShouldBe(Acme);
                here.Both.ShouldBe(("globex", "globex"));
            }

            here.Both.ShouldBe(("globex", "globex"));
        }));
    }

    [Fact]
    public async Task Streams_of_two_tenants_consumed_in_turn_never_mix_and_each_has_its_scope_to_the_end()
    {
        await using var services = Application.Build();
        await using var scope = services.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var seen = new List<(string?, string?)>();
        var disposals = services.GetRequiredService<Disposals>().All;

        await using (var globex = mediator.CreateStream(new Watch("globex")).GetAsyncEnumerator())
        {
            await using (var acme = mediator.CreateStream(new Watch("acme")).GetAsyncEnumerator())
            {
                while (await acme.MoveNextAsync() && await globex.MoveNextAsync())
                {
                    seen.AddRange([acme.Current, globex.Current]);
                }

                disposals.ShouldBeEmpty();
            }

            disposals.ShouldBe([Acme]);
        }

        disposals.ShouldBe([Acme, ("globex", "globex")]);
        seen.ShouldBe([Acme, ("globex", "globex"), Acme, ("globex", "globex"), Acme, ("globex", "globex")]);
    }

    [Fact]
    public async Task A_stream_left_early_ends_its_scope_inside_its_tenant()
    {
        await using var services = Application.Build();

        await foreach (var item in services.GetRequiredService<IMediator>().CreateStream(new Watch("acme")))
        {
            item.ShouldBe(Acme);
            break;
        }

        services.GetRequiredService<Disposals>().All.ShouldBe([Acme]);
        services.GetRequiredService<ITenantContext>().Current.ShouldBeNull();
    }

    [Fact]
    public async Task A_stream_that_fails_leaves_the_consumers_tenant_and_no_scope_behind()
    {
        await using var services = Application.Build(options => options.AllowRequestsToCrossTenants = true);
        using var entered = Application.Enter("globex");

        await Should.ThrowAsync<InvalidOperationException>(async () =>
        {
            await foreach (var _ in services.GetRequiredService<IMediator>().CreateStream(new Watch("acme", Fails: true)))
            {
                await Task.Yield();
            }
        });

        services.GetRequiredService<ITenantContext>().Required.Id.Value.ShouldBe("globex");
        services.GetRequiredService<Disposals>().All.ShouldBe([Acme]);
    }

    [Fact]
    public async Task A_stream_is_refused_at_its_first_step()
    {
        await using var services = Application.Build();
        var mediator = services.GetRequiredService<IMediator>();
        await using var missing = mediator.CreateStream(new Watch()).GetAsyncEnumerator();
        await Should.ThrowAsync<TenantMissingException>(async () => await missing.MoveNextAsync());

        using var entered = Application.Enter("globex");
        await using var other = mediator.CreateStream(new Watch("acme")).GetAsyncEnumerator();
        await Should.ThrowAsync<TenantMismatchException>(async () => await other.MoveNextAsync());
    }

    [Fact]
    public async Task A_stream_can_be_enumerated_twice()
    {
        await using var services = Application.Build();
        var stream = services.GetRequiredService<IMediator>().CreateStream(new Watch("acme"));

        for (var time = 1; time <= 2; time++)
        {
            (await stream.ToListAsync()).ShouldBe([Acme, Acme, Acme]);
            services.GetRequiredService<Disposals>().All.Count.ShouldBe(time);
        }
    }
}
