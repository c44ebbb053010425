using System.Diagnostics;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

/// <summary>Another tenant means another DI scope: what was injected for one must not serve the other.</summary>
public sealed class ScopeTests
{
    [Fact]
    public async Task A_nested_request_of_the_same_tenant_shares_the_scope()
    {
        await using var services = Application.Build();

        await services.SendAsync("acme", new Run(outer => outer.Mediator.Send(new RunFor("acme", inner =>
        {
            inner.Scoped.ShouldBeSameAs(outer.Scoped);
            return Task.CompletedTask;
        }))));
    }

    [Fact]
    public async Task A_nested_request_that_names_another_tenant_is_refused_and_the_sender_goes_on()
    {
        await using var services = Application.Build();
        var ran = false;

        await services.SendAsync("acme", new Run(async here =>
        {
            var refusal = await Should.ThrowAsync<TenantMismatchException>(here.Mediator.Send(new RunFor("globex", _ => throw new UnreachableException())));
            (refusal.TenantId, refusal.Actual).ShouldBe(("globex", "acme"));
            here.Both.ShouldBe(("acme", "acme"));
            ran = true;
        }));

        ran.ShouldBeTrue();
    }

    [Fact]
    public async Task Where_crossing_is_allowed_a_nested_request_has_its_own_scope_and_unwinds()
    {
        await using var services = Application.Build(options => options.AllowRequestsToCrossTenants = true);
        var seen = new List<(string?, string?)>();

        await services.SendAsync("acme", new Run(async outer =>
        {
            await outer.Mediator.Send(new RunFor("globex", async middle =>
            {
                await middle.Mediator.Send(new RunFor("t01", Look(seen)));
                seen.Add(middle.Both);
            }));
            seen.Add(outer.Both);
            await Should.ThrowAsync<TenantSuspendedException>(outer.Mediator.Send(new RunFor("frozen", _ => throw new UnreachableException())));
            await Should.ThrowAsync<TenantUnknownException>(outer.Mediator.Send(new RunFor("nobody", _ => throw new UnreachableException())));
            seen.Add(outer.Both);
        }));

        seen.ShouldBe([("t01", "t01"), ("globex", "globex"), ("acme", "acme"), ("acme", "acme")]);
    }

    [Fact]
    public async Task A_request_sent_within_another_tenant_does_not_get_the_stale_scope()
    {
        await using var services = Application.Build();
        var seen = new List<(string?, string?)>();

        await services.SendAsync("acme", new Run(async here =>
        {
            using (Application.Enter("globex"))
            {
                await here.Mediator.Send(new Run(Look(seen)));
            }

            using (Application.Enter(null))
            {
                await here.Mediator.Send(new RunAnyway(Look(seen)));
            }

            await here.Mediator.Send(new Run(Look(seen)));
        }));

        seen.ShouldBe([("globex", "globex"), (null, null), ("acme", "acme")]);
    }

    [Fact]
    public async Task The_mediator_of_a_singleton_serves_every_tenant_in_a_scope_of_its_own()
    {
        await using var services = Application.Build();
        var mediator = services.GetRequiredService<IMediator>();
        var seen = new List<(string?, string?)>();

        foreach (var tenant in new[] { "acme", "globex", "acme" })
        {
            using var entered = Application.Enter(tenant);
            await mediator.Send(new Run(Look(seen)));
        }

        seen.ShouldBe([("acme", "acme"), ("globex", "globex"), ("acme", "acme")]);
        services.GetRequiredService<Disposals>().All.ShouldBe([("acme", "acme"), ("globex", "globex"), ("acme", "acme")]);
    }

    [Fact]
    public async Task A_scope_built_before_the_tenant_was_known_goes_to_the_first_that_sends_from_it()
    {
        await using var services = Application.Build();
        await using var scope = services.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var seen = new List<ScopedTenant>();

        foreach (var tenant in new[] { "acme", "globex", "acme" })
        {
            using var entered = Application.Enter(tenant);
            await mediator.Send(new Run(here =>
            {
                seen.Add(here.Scoped);
                return Task.CompletedTask;
            }));
        }

        seen.Select(scoped => scoped.Tenant).ShouldBe(["acme", "globex", "acme"]);
        seen[2].ShouldBeSameAs(seen[0]);
    }

    [Fact]
    public async Task A_scope_made_for_a_tenant_ends_inside_it_also_after_an_exception()
    {
        await using var services = Application.Build();

        await services.SendAsync(null, new RunFor("acme", _ => Task.CompletedTask));
        await Should.ThrowAsync<InvalidOperationException>(services.SendAsync(null, new RunFor("globex", async here =>
        {
            await Task.Yield();
            throw new InvalidOperationException("told to");
        })));

        services.GetRequiredService<Disposals>().All.ShouldBe([("acme", "acme"), ("globex", "globex")]);
        services.GetRequiredService<ITenantContext>().Current.ShouldBeNull();
    }

    private static Func<Here, Task> Look(List<(string?, string?)> seen) => async here =>
    {
        await Task.Yield();
        seen.Add(here.Both);
    };
}
