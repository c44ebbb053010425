using MediatR;

namespace Freehold.Integrations.MediatR;

/// <summary>
/// Checks inside the pipeline what <see cref="TenantMediator"/> has promised in front of it: the ambient tenant is the one the request
/// names, and there is one if it needs one. It objects where a request came another way, or something in between changed the tenant.
/// </summary>
internal sealed class TenantBehavior<TRequest, TResponse>(ITenantMediation mediation) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public Task<TResponse> Handle(TRequest request, RequestHandlerDelegate<TResponse> next, CancellationToken cancellationToken) =>
        mediation.Objection(request) is { } objection
            ? Task.FromException<TResponse>(objection)
            : Next<TResponse>.Invoke(next, cancellationToken);
}

/// <summary>The same for streams. It runs at the stream's first step.</summary>
internal sealed class TenantStreamBehavior<TRequest, TResponse>(ITenantMediation mediation) : IStreamPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public IAsyncEnumerable<TResponse> Handle(TRequest request, StreamHandlerDelegate<TResponse> next, CancellationToken cancellationToken) =>
        mediation.Objection(request) is { } objection ? throw objection : next();
}
