using System.Collections.Concurrent;
using MediatR;
using MediatR.NotificationPublishers;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

public sealed class NotificationTests
{
    private static readonly (string?, string?) Acme = ("acme", "acme");

    [Theory]
    [InlineData("acme", null, false)]
    [InlineData("acme", null, true)]
    [InlineData(null, "acme", false)]
    [InlineData(null, "acme", true)]
    public async Task Of_several_handlers_one_fails_and_all_that_run_see_the_tenant_and_its_scope(string? ambient, string? named, bool together)
    {
        await using var services = Build(together);
        var tenants = services.GetRequiredService<ITenantContext>();
        var news = new News(named, FailsAt: "second");
        using (Application.Enter(ambient))
        {
            await using var scope = services.CreateAsyncScope();

            await Should.ThrowAsync<InvalidOperationException>(scope.ServiceProvider.GetRequiredService<IMediator>().Publish(news));

            tenants.Current?.Id.Value.ShouldBe(ambient);
        }

        // MediatR's default is one after the other, up to the first that fails.
        string[] ran = together ? ["first", "second", "third"] : ["first", "second"];
        news.Seen.Select(seen => seen.Handler).ShouldBe(ran, ignoreOrder: true);
        news.Seen.ShouldAllBe(seen => seen.Tenants.Equals(Acme) && seen.Scope == news.Seen.First().Scope);
        services.GetRequiredService<Disposals>().All.ShouldBe([("acme", "acme")]);
        tenants.Current.ShouldBeNull();
    }

    [Fact]
    public async Task A_handler_that_enters_another_tenant_and_fails_there_leaves_the_others_theirs()
    {
        await using var services = Build(together: true);
        var news = new News("acme", FailsAt: "second", In: "globex");

        await Should.ThrowAsync<InvalidOperationException>(services.GetRequiredService<IMediator>().Publish(news));

        news.Seen.Count.ShouldBe(3);
        news.Seen.ShouldAllBe(seen => seen.Tenants.Equals(Acme));
    }

    [Fact]
    public async Task The_publisher_of_a_failed_notification_goes_on_in_its_own_scope_and_can_publish_again()
    {
        await using var services = Build(together: false, options => options.AllowRequestsToCrossTenants = true);
        News failing = new("globex", FailsAt: "first"), fine = new("globex", FailsAt: null), own = new(null, FailsAt: null);

        await services.SendAsync("acme", new Run(async here =>
        {
            await Should.ThrowAsync<InvalidOperationException>(here.Mediator.Publish(failing));
            here.Both.ShouldBe(Acme);
            await here.Mediator.Publish(fine);
            await here.Mediator.Publish(own);
            here.Both.ShouldBe(Acme);
            own.Seen.ShouldAllBe(seen => seen.Scope == here.Scoped);
        }));

        fine.Seen.Select(seen => (seen.Handler, seen.Tenants)).ShouldBe(
            [("first", ("globex", "globex")), ("second", ("globex", "globex")), ("third", ("globex", "globex"))]);
        own.Seen.Select(seen => seen.Tenants).ShouldBe([Acme, Acme, Acme]);
        services.GetRequiredService<Disposals>().All.ShouldBe([("globex", "globex"), ("globex", "globex"), Acme]);
    }

    private static ServiceProvider Build(bool together, Action<MediatRMultiTenancyOptions>? options = null) => Application.Build(
        options, before: mediatR => mediatR.NotificationPublisher = together ? new TaskWhenAllPublisher() : new ForeachAwaitPublisher());

    public sealed record News(string? TenantId, string? FailsAt, string? In = null) : INotification, ITenantRequest
    {
        public ConcurrentQueue<(string Handler, (string? Ambient, string? Scoped) Tenants, ScopedTenant Scope)> Seen { get; } = new();
    }

    public sealed class First(ScopedTenant scoped, ITenantContext tenants) : INotificationHandler<News>
    {
        public Task Handle(News notification, CancellationToken cancellationToken) => SeeAsync("first", notification, scoped, tenants);
    }

    public sealed class Second(ScopedTenant scoped, ITenantContext tenants) : INotificationHandler<News>
    {
        public Task Handle(News notification, CancellationToken cancellationToken) => SeeAsync("second", notification, scoped, tenants);
    }

    public sealed class Third(ScopedTenant scoped, ITenantContext tenants) : INotificationHandler<News>
    {
        public Task Handle(News notification, CancellationToken cancellationToken) => SeeAsync("third", notification, scoped, tenants);
    }

    private static async Task SeeAsync(string handler, News news, ScopedTenant scoped, ITenantContext tenants)
    {
        if (handler == news.FailsAt)
        {
            news.Seen.Enqueue((handler, (tenants.Current?.Id.Value, scoped.Tenant), scoped));
            using var elsewhere = news.In is null ? null : Application.Enter(news.In);
            await Task.Yield();
            throw new InvalidOperationException("told to");
        }

        await Task.Yield();
        news.Seen.Enqueue((handler, (tenants.Current?.Id.Value, scoped.Tenant), scoped));
    }
}
