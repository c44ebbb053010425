using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

public sealed class RequirementTests
{
    private int _runs;

    [Fact]
    public async Task An_unmarked_request_without_a_tenant_is_refused_and_the_message_names_it()
    {
        await using var services = Application.Build();

        var refusal = await Should.ThrowAsync<TenantMissingException>(services.SendAsync(null, new Run(CountAsync)));

        refusal.Message.ShouldContain(nameof(Run));
        _runs.ShouldBe(0);
    }

    [Fact]
    public async Task An_unmarked_request_may_lack_a_tenant_where_the_option_says_so()
    {
        await using var services = Application.Build(options => options.RequireTenant = false);

        await services.SendAsync(null, new Run(CountAsync));
        await Should.ThrowAsync<TenantMissingException>(services.SendAsync(null, new RunStrictly(CountAsync)));

        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task The_most_derived_mark_decides()
    {
        await using var services = Application.Build();

        await services.SendAsync(null, new RunAnyway(CountAsync));
        await Should.ThrowAsync<TenantMissingException>(services.SendAsync(null, new RunStrictlyAfterAll(CountAsync)));

        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task With_both_marks_on_one_request_a_tenant_is_needed()
    {
        await using var services = Application.Build(options => options.RequireTenant = false);

        await Should.ThrowAsync<TenantMissingException>(services.SendAsync(null, new RunAsContradicted(CountAsync)));
    }

    [Fact]
    public async Task A_request_that_names_an_empty_tenant_is_refused()
    {
        await using var services = Application.Build(options => options.RequireTenant = false);

        await Should.ThrowAsync<TenantMissingException>(services.SendAsync(null, new RunFor("", CountAsync)));

        _runs.ShouldBe(0);
    }

    [Fact]
    public async Task The_check_inside_the_pipeline_stops_what_came_past_the_mediator()
    {
        await using var services = Application.Build();
        await using var scope = services.CreateAsyncScope();
        _ = scope.ServiceProvider.GetRequiredService<IMediator>();
        var past = new Mediator(scope.ServiceProvider);

        await Should.ThrowAsync<TenantMissingException>(past.Send(new Run(CountAsync)));
        using (Application.Enter("acme"))
        {
            await Should.ThrowAsync<TenantMismatchException>(past.Send(new RunFor("globex", CountAsync)));
            await Should.ThrowAsync<TenantMismatchException>(async () => await past.CreateStream(new Watch("globex")).GetAsyncEnumerator().MoveNextAsync());
            await past.Send(new RunFor("acme", CountAsync));
        }

        _runs.ShouldBe(1);
    }

    private Task CountAsync(Here here)
    {
        Interlocked.Increment(ref _runs);
        return Task.CompletedTask;
    }
}
