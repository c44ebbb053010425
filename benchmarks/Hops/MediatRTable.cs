using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Freehold.Benchmarks.Hops;

/// <summary>A request sent by MediatR, in its tenant and scope.</summary>
internal sealed class MediatRTable(Report report, Effort effort)
{
    private static readonly Tenant Acme = new("acme");

    public async Task RunAsync()
    {
        report.Doing("MediatR");
        await using var bare = Build(withTenancy: false);
        await using var passing = Build(withTenancy: false, services => services.AddTransient(typeof(IPipelineBehavior<,>), typeof(Passing<,>)));
        await using var decorated = Build(withTenancy: true, services => services.RemoveAll(typeof(IPipelineBehavior<,>)));
        await using var whole = Build(withTenancy: true);
        await using var bareScope = bare.CreateAsyncScope();
        await using var passingScope = passing.CreateAsyncScope();

        using var entered = TenantScope.Enter(Acme);
        await using var decoratedScope = decorated.CreateAsyncScope();
        await using var wholeScope = whole.CreateAsyncScope();
        report.Differences("A MediatR request sent and handled, by a mediator at hand", await new Comparison(
            Sending("bare MediatR", bareScope),
            [
                Sending("through the decorator", decoratedScope, Aim.More(nanoseconds: 100, bytes: 64)),
                Sending("bare, with a behavior that does nothing", passingScope),
                Sending("through the decorator and the behavior: AddMultiTenancy", wholeScope),
            ],
            Operations: 20_000,
            effort.Rounds(80)).RunAsync());
        report.Differences("A MediatR request sent and handled, in a DI scope of its own", await new Comparison(
            InScopes("bare MediatR", bare),
            [
                InScopes("through the decorator", decorated),
                InScopes("through the decorator and the behavior: AddMultiTenancy", whole),
            ],
            Operations: 10_000,
            effort.Rounds(80)).RunAsync());
    }

    private static ServiceProvider Build(bool withTenancy, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMediatR(mediatR =>
        {
            mediatR.RegisterServicesFromAssemblyContaining<MediatRTable>();
            if (withTenancy)
            {
                mediatR.AddMultiTenancy();
            }
        });
        if (withTenancy)
        {
            services.AddMultiTenancy(tenancy => tenancy.UseTenants(Acme));
        }

        configure?.Invoke(services);
        return services.BuildServiceProvider();
    }

    private static Candidate Sending(string name, AsyncServiceScope scope, Aim? aim = null)
    {
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var request = new Ping();
        return new(
            name,
            async count =>
            {
                for (var i = 0; i < count; i++)
                {
                    await mediator.Send(request);
                }
            },
            aim);
    }

    private static Candidate InScopes(string name, IServiceProvider services)
    {
        var request = new Ping();
        return new(name, async count =>
        {
            for (var i = 0; i < count; i++)
            {
                await using var scope = services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request);
            }
        });
    }

    internal sealed record Ping : IRequest<int>;

    internal sealed class PingHandler : IRequestHandler<Ping, int>
    {
        private static readonly Task<int> One = Task.FromResult(1);

        public Task<int> Handle(Ping request, CancellationToken cancellationToken) => One;
    }

    internal sealed class Passing<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse> where TRequest : notnull
    {
        // In the form of MediatR 12.4, which these benchmarks are built with.
        public Task<TResponse> Handle(TRequest request, RequestHandlerDelegate<TResponse> next, CancellationToken cancellationToken) => next();
    }
}
