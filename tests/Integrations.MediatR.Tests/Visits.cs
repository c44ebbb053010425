using System.Runtime.CompilerServices;
using Freehold.Contracts;
using MediatR;

namespace Freehold.Integrations.MediatR.Tests;

/// <summary>A message per way through MediatR, each also in a form that may lack a tenant.</summary>
public record VisitRequest(Guid Visit, string? TenantId) : IRequest<Guid>, ITenantRequest;

[AllowNoTenant]
public record LaxVisitRequest(Guid Visit, string? TenantId) : IRequest<Guid>, ITenantRequest;

public record VisitCommand(Guid Visit, string? TenantId) : IRequest, ITenantRequest;

[AllowNoTenant]
public record LaxVisitCommand(Guid Visit, string? TenantId) : IRequest, ITenantRequest;

public record VisitStream(Guid Visit, string? TenantId) : IStreamRequest<Guid>, ITenantRequest;

[AllowNoTenant]
public record LaxVisitStream(Guid Visit, string? TenantId) : IStreamRequest<Guid>, ITenantRequest;

public record VisitNotification(Guid Visit, string? TenantId) : INotification, ITenantRequest;

[AllowNoTenant]
public record LaxVisitNotification(Guid Visit, string? TenantId) : INotification, ITenantRequest;

public sealed class VisitRequestHandler(FarSide farSide) : IRequestHandler<VisitRequest, Guid>, IRequestHandler<LaxVisitRequest, Guid>
{
    public Task<Guid> Handle(VisitRequest request, CancellationToken cancellationToken) => HandleAsync(request.Visit);

    public Task<Guid> Handle(LaxVisitRequest request, CancellationToken cancellationToken) => HandleAsync(request.Visit);

    private async Task<Guid> HandleAsync(Guid visit)
    {
        await farSide.VisitAsync(visit);
        return visit;
    }
}

public sealed class VisitCommandHandler(FarSide farSide) : IRequestHandler<VisitCommand>, IRequestHandler<LaxVisitCommand>
{
    public Task Handle(VisitCommand request, CancellationToken cancellationToken) => farSide.VisitAsync(request.Visit);

    public Task Handle(LaxVisitCommand request, CancellationToken cancellationToken) => farSide.VisitAsync(request.Visit);
}

public sealed class VisitStreamHandler(FarSide farSide) : IStreamRequestHandler<VisitStream, Guid>, IStreamRequestHandler<LaxVisitStream, Guid>
{
    public IAsyncEnumerable<Guid> Handle(VisitStream request, CancellationToken cancellationToken) => StreamAsync(request.Visit, cancellationToken);

    public IAsyncEnumerable<Guid> Handle(LaxVisitStream request, CancellationToken cancellationToken) => StreamAsync(request.Visit, cancellationToken);

    private async IAsyncEnumerable<Guid> StreamAsync(Guid visit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return visit;
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        await farSide.VisitAsync(visit);
        yield return visit;
        farSide.Look("after the last item");
    }
}

public sealed class VisitNotificationHandler(FarSide farSide) : INotificationHandler<VisitNotification>, INotificationHandler<LaxVisitNotification>
{
    public Task Handle(VisitNotification notification, CancellationToken cancellationToken) => farSide.VisitAsync(notification.Visit);

    public Task Handle(LaxVisitNotification notification, CancellationToken cancellationToken) => farSide.VisitAsync(notification.Visit);
}
