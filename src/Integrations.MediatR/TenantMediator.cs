using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR;

/// <summary>
/// Stands in front of the mediator and enters the tenant before anything behind it is built: behaviors are too late for notifications,
/// which have none, and for the behaviors built with them. What already runs in its tenant and scope is handed on as it is.
/// </summary>
internal sealed class TenantMediator(
    IServiceProvider services, [FromKeyedServices(TenantMediator.Inner)] IMediator inner, ITenantMediation mediation) : IMediator
{
    /// <summary>The key of the mediator behind this one.</summary>
    public const string Inner = "Freehold.Integrations.MediatR.Inner";

    private readonly IScopeTenant? _scope = mediation.ScopeOfMediator(services);

    public Task<TResponse> Send<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default) =>
        RunsHere(request)
            ? inner.Send(request, cancellationToken)
            : ElsewhereAsync(request, static (mediator, request, token) => mediator.Send(request, token), cancellationToken);

    public Task Send<TRequest>(TRequest request, CancellationToken cancellationToken = default) where TRequest : IRequest =>
        RunsHere(request)
            ? inner.Send(request, cancellationToken)
            : ElsewhereAsync(request, static (mediator, request, token) => Nothing(mediator.Send(request, token)), cancellationToken);

    public Task<object?> Send(object request, CancellationToken cancellationToken = default) =>
        RunsHere(request)
            ? inner.Send(request, cancellationToken)
            : ElsewhereAsync(request, static (mediator, request, token) => mediator.Send(request, token), cancellationToken);

    public Task Publish(object notification, CancellationToken cancellationToken = default) =>
        RunsHere(notification)
            ? inner.Publish(notification, cancellationToken)
            : ElsewhereAsync(notification, static (mediator, it, token) => Nothing(mediator.Publish(it, token)), cancellationToken);

    public Task Publish<TNotification>(TNotification notification, CancellationToken cancellationToken = default)
        where TNotification : INotification =>
        RunsHere(notification)
            ? inner.Publish(notification, cancellationToken)
            : ElsewhereAsync(notification, static (mediator, it, token) => Nothing(mediator.Publish(it, token)), cancellationToken);

    public IAsyncEnumerable<TResponse> CreateStream<TResponse>(
        IStreamRequest<TResponse> request, CancellationToken cancellationToken = default) =>
        new TenantStream<IStreamRequest<TResponse>, TResponse>(
            this, NotNull(request), static (mediator, request, token) => mediator.CreateStream(request, token), cancellationToken);

    public IAsyncEnumerable<object?> CreateStream(object request, CancellationToken cancellationToken = default) =>
        new TenantStream<object, object?>(
            this, NotNull(request), static (mediator, request, token) => mediator.CreateStream(request, token), cancellationToken);

    internal ITenantMediation Mediation => mediation;

    /// <summary>The mediator behind this one if its scope is the tenant's, or null: then the tenant needs another scope.</summary>
    internal IMediator? HereFor(Tenant? tenant) => (_scope?.IsHomeOf(tenant) ?? tenant is null) ? inner : null;

    /// <summary>A new scope for the tenant that is ambient.</summary>
    internal AsyncServiceScope NewScope(out IMediator mediator)
    {
        var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<IScopeTenant>();
        mediator = scope.ServiceProvider.GetRequiredKeyedService<IMediator>(Inner);
        return scope;
    }

    private bool RunsHere(object? message)
    {
        // Null is the mediator's own complaint.
        if (message is null)
        {
            return true;
        }

        var ambient = mediation.Current;
        return mediation.Fits(message, ambient) && HereFor(ambient) is not null;
    }

    private async Task<TResult> ElsewhereAsync<TMessage, TResult>(
        TMessage message, Func<IMediator, TMessage, CancellationToken, Task<TResult>> send, CancellationToken cancellationToken)
        where TMessage : notnull
    {
        var tenant = await mediation.TargetAsync(message, mediation.Current, cancellationToken).ConfigureAwait(false);
        using var entered = tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(tenant);
        var scope = NewScope(out var mediator);
        await using (scope.ConfigureAwait(false))
        {
            return await send(mediator, message, cancellationToken).ConfigureAwait(false);
        }
    }

    private static TMessage NotNull<TMessage>(TMessage request) => request is null ? throw new ArgumentNullException(nameof(request)) : request;

    private static async Task<Unit> Nothing(Task task)
    {
        await task.ConfigureAwait(false);
        return Unit.Value;
    }
}
