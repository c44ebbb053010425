using System.Collections.Concurrent;
using MediatR;
using MediatR.Pipeline;

namespace Freehold.Integrations.MediatR.Tests;

/// <summary>A request whose handler fails; one exception handler answers those that are to be handled.</summary>
public sealed record Fail(string? TenantId, string How) : IRequest<string>, ITenantRequest;

public sealed class FailHandler(ScopedTenant scoped) : IRequestHandler<Fail, string>
{
    public async Task<string> Handle(Fail request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        throw new InvalidOperationException(scoped.Tenant);
    }
}

public sealed class FailExceptionHandler(ScopedTenant scoped, ITenantContext tenants, ConcurrentQueue<string>? log = null)
    : IRequestExceptionHandler<Fail, string, InvalidOperationException>
{
    public Task Handle(Fail request, InvalidOperationException exception, RequestExceptionHandlerState<string> state, CancellationToken cancellationToken)
    {
        if (request.How == "handled")
        {
            log?.Enqueue($"handler {tenants.Current?.Id} {scoped.Tenant}");
            state.SetHandled($"{tenants.Current?.Id} {exception.Message}");
        }

        return Task.CompletedTask;
    }
}

public sealed class FailExceptionAction(ScopedTenant scoped, ITenantContext tenants, ConcurrentQueue<string>? log = null)
    : IRequestExceptionAction<Fail, InvalidOperationException>
{
    public Task Execute(Fail request, InvalidOperationException exception, CancellationToken cancellationToken)
    {
        log?.Enqueue($"action {tenants.Current?.Id} {scoped.Tenant}");
        return Task.CompletedTask;
    }
}
