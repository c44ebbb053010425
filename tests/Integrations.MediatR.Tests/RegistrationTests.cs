using System.Collections.Concurrent;
using Freehold.Shared;
using MediatR;
using MediatR.Pipeline;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public void The_MediatR_that_is_loaded_is_the_one_this_project_asks_for() =>
        typeof(IMediator).Assembly.GetName().Version!.Major.ShouldBe(
            typeof(RegistrationTests).Assembly.GetName().Name!.Contains("MediatR15", StringComparison.Ordinal) ? 15 : 12);

    [Fact]
    public void The_public_API_is_the_approved_one() => PublicApi.ShouldBeApproved(typeof(ITenantRequest).Assembly);

    [Fact]
    public async Task Processors_and_behaviors_see_the_tenant()
    {
        var log = new ConcurrentQueue<string>();
        await using var services = Application.Build(
            before: mediatR => mediatR
                .AddOpenBehavior(typeof(LoggingBehavior<,>))
                .AddOpenRequestPreProcessor(typeof(LoggingPreProcessor<>))
                .AddOpenRequestPostProcessor(typeof(LoggingPostProcessor<,>)),
            configureServices: services => AddLog(services, log));

        await services.SendAsync(null, new RunFor("acme", here =>
        {
            log.Enqueue($"handler {here.Ambient}");
            return Task.CompletedTask;
        }));
        await Should.ThrowAsync<TenantMissingException>(services.SendAsync(null, new Run(_ => Task.CompletedTask)));

        log.ShouldBe(["built acme", "before acme", "around acme", "handler acme", "after acme"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("acme")]
    public async Task Handlers_of_exceptions_see_the_tenant_and_the_scope_of_what_failed(string? ambient)
    {
        var log = new ConcurrentQueue<string>();
        await using var services = Application.Build(configureServices: services => AddLog(services, log));
        using var entered = Application.Enter(ambient);
        await using var scope = services.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();

        (await mediator.Send(new Fail("acme", "handled"))).ShouldBe("acme acme");
        await Should.ThrowAsync<InvalidOperationException>(mediator.Send(new Fail("acme", "not handled")));

        log.ShouldBe(["handler acme acme", "action acme acme"]);
        services.GetRequiredService<ITenantContext>().Current?.Id.Value.ShouldBe(ambient);
        services.GetRequiredService<Disposals>().All.ShouldBe(ambient is null ? [("acme", "acme"), ("acme", "acme")] : []);
    }

    [Fact]
    public async Task A_mediator_of_the_users_own_stays()
    {
        var log = new ConcurrentQueue<string>();
        await using var services = Application.Build(
            before: mediatR => mediatR.MediatorImplementationType = typeof(OwnMediator), configureServices: services => AddLog(services, log));

        await services.SendAsync(null, new RunFor("acme", _ => Task.CompletedTask));

        log.ShouldBe(["own mediator"]);
    }

    [Fact]
    public async Task A_mediator_set_afterwards_is_a_mistake_that_is_named()
    {
        await using var services = Application.Build(after: mediatR => mediatR.MediatorImplementationType = typeof(Mediator));

        var mistake = await Should.ThrowAsync<MultiTenancyConfigurationException>(services.SendAsync("acme", new Run(_ => Task.CompletedTask)));

        mistake.Message.ShouldContain("MediatorImplementationType");
    }

    [Fact]
    public void Adding_it_twice_to_one_configuration_is_a_mistake_that_is_named() =>
        Should.Throw<MultiTenancyConfigurationException>(() => Application.Build(after: mediatR => mediatR.AddMultiTenancy()))
            .Message.ShouldContain("twice");

    [Fact]
    public async Task An_application_without_tenants_is_a_mistake_that_is_named()
    {
        await using var services = new ServiceCollection().AddLogging()
            .AddMediatR(mediatR => mediatR.RegisterServicesFromAssemblyContaining<Run>().AddMultiTenancy()).BuildServiceProvider();

        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<IMediator>()).Message.ShouldContain("services.AddMultiTenancy");
    }

    [Fact]
    public async Task Two_modules_can_each_add_it()
    {
        await using var services = Application.Build(configureServices: services =>
        {
            Application.AddTenants(services);
            services.AddMediatR(mediatR => mediatR.RegisterServicesFromAssemblyContaining<Run>().AddMultiTenancy());
        });
        var runs = 0;

        await services.SendAsync("acme", new Run(_ => Task.FromResult(runs++)));

        runs.ShouldBe(1);
    }

    [Fact]
    public async Task A_request_that_is_null_is_the_mediators_complaint()
    {
        await using var services = Application.Build();
        var mediator = services.GetRequiredService<IMediator>();

        await Should.ThrowAsync<ArgumentNullException>(() => mediator.Send((object)null!));
        await Should.ThrowAsync<ArgumentNullException>(() => mediator.Publish((object)null!));
        Should.Throw<ArgumentNullException>(() => mediator.CreateStream((object)null!));
    }

    private static void AddLog(IServiceCollection services, ConcurrentQueue<string> log)
    {
        Application.AddTenants(services);
        services.AddSingleton(log);
    }

    public sealed class OwnMediator(IServiceProvider services, INotificationPublisher publisher, ConcurrentQueue<string> log) : IMediator
    {
        private readonly Mediator _mediator = new(services, publisher);

        public Task<TResponse> Send<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default) =>
            _mediator.Send(request, cancellationToken);

        public Task Send<TRequest>(TRequest request, CancellationToken cancellationToken = default) where TRequest : IRequest
        {
            log.Enqueue("own mediator");
            return _mediator.Send(request, cancellationToken);
        }

        public Task<object?> Send(object request, CancellationToken cancellationToken = default) => _mediator.Send(request, cancellationToken);

        public IAsyncEnumerable<TResponse> CreateStream<TResponse>(IStreamRequest<TResponse> request, CancellationToken cancellationToken = default) =>
            _mediator.CreateStream(request, cancellationToken);

        public IAsyncEnumerable<object?> CreateStream(object request, CancellationToken cancellationToken = default) =>
            _mediator.CreateStream(request, cancellationToken);

        public Task Publish(object notification, CancellationToken cancellationToken = default) => _mediator.Publish(notification, cancellationToken);

        public Task Publish<TNotification>(TNotification notification, CancellationToken cancellationToken = default)
            where TNotification : INotification => _mediator.Publish(notification, cancellationToken);
    }

    public sealed class LoggingBehavior<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse> where TRequest : notnull
    {
        private readonly ITenantContext _tenants;
        private readonly ConcurrentQueue<string> _log;

        public LoggingBehavior(ITenantContext tenants, ConcurrentQueue<string> log)
        {
            (_tenants, _log) = (tenants, log);
            log.Enqueue($"built {tenants.Current?.Id}");
        }

        public Task<TResponse> Handle(TRequest request, RequestHandlerDelegate<TResponse> next, CancellationToken cancellationToken)
        {
            _log.Enqueue($"around {_tenants.Current?.Id}");
#pragma warning disable CA2016 // These sources are compiled for MediatR 12.4 too, where there is no token to forward.
            return next();
#pragma warning restore CA2016
        }
    }

    public sealed class LoggingPreProcessor<TRequest>(ITenantContext tenants, ConcurrentQueue<string> log) : IRequestPreProcessor<TRequest> where TRequest : notnull
    {
        public Task Process(TRequest request, CancellationToken cancellationToken)
        {
            log.Enqueue($"before {tenants.Current?.Id}");
            return Task.CompletedTask;
        }
    }

    public sealed class LoggingPostProcessor<TRequest, TResponse>(ITenantContext tenants, ConcurrentQueue<string> log) : IRequestPostProcessor<TRequest, TResponse> where TRequest : notnull
    {
        public Task Process(TRequest request, TResponse response, CancellationToken cancellationToken)
        {
            log.Enqueue($"after {tenants.Current?.Id}");
            return Task.CompletedTask;
        }
    }
}
