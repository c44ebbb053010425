using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MediatR;

namespace Freehold.Integrations.MediatR.Tests;

/// <summary>What a handler has around it.</summary>
public sealed record Here(ScopedTenant Scoped, ITenantContext Tenants, IMediator Mediator)
{
    public string? Ambient => Tenants.Current?.Id.Value;

    /// <summary>The ambient tenant, and the one that what was injected is bound to.</summary>
    public (string? Ambient, string? Scoped) Both => (Ambient, Scoped.Tenant);
}

/// <summary>Requests whose handler runs the test's own code.</summary>
public record Run(Func<Here, Task> Script) : IRequest;

[RequireTenant]
public record RunStrictly(Func<Here, Task> Script) : IRequest;

[AllowNoTenant]
public record RunAnyway(Func<Here, Task> Script) : IRequest;

[RequireTenant]
public record RunStrictlyAfterAll(Func<Here, Task> Script) : RunAnyway(Script);

[RequireTenant, AllowNoTenant]
public record RunAsContradicted(Func<Here, Task> Script) : IRequest;

public record RunFor(string? TenantId, Func<Here, Task> Script) : IRequest, ITenantRequest;

public sealed class RunHandler(ScopedTenant scoped, ITenantContext tenants, IMediator mediator) :
    IRequestHandler<Run>,
    IRequestHandler<RunStrictly>,
    IRequestHandler<RunAnyway>,
    IRequestHandler<RunStrictlyAfterAll>,
    IRequestHandler<RunAsContradicted>,
    IRequestHandler<RunFor>
{
    private readonly Here _here = new(scoped, tenants, mediator);

    public Task Handle(Run request, CancellationToken cancellationToken) => request.Script(_here);

    public Task Handle(RunStrictly request, CancellationToken cancellationToken) => request.Script(_here);

    public Task Handle(RunAnyway request, CancellationToken cancellationToken) => request.Script(_here);

    public Task Handle(RunStrictlyAfterAll request, CancellationToken cancellationToken) => request.Script(_here);

    public Task Handle(RunAsContradicted request, CancellationToken cancellationToken) => request.Script(_here);

    public Task Handle(RunFor request, CancellationToken cancellationToken) => request.Script(_here);
}

/// <summary>Three items, each the tenants its step saw.</summary>
public record Watch(string? TenantId = null, bool Fails = false) : IStreamRequest<(string? Ambient, string? Scoped)>, ITenantRequest;

public sealed class WatchHandler(ScopedTenant scoped, ITenantContext tenants) : IStreamRequestHandler<Watch, (string? Ambient, string? Scoped)>
{
    public async IAsyncEnumerable<(string? Ambient, string? Scoped)> Handle(Watch request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var item = 0; item < 3; item++)
        {
            await Task.Yield();
            yield return (tenants.Current?.Id.Value, scoped.Tenant);
            if (request.Fails)
            {
                throw new InvalidOperationException("told to");
            }
        }
    }
}

/// <summary>Bound to the tenant it was built for, as a DbContext is, and one per scope.</summary>
public sealed class ScopedTenant(ITenantContext tenants, Disposals disposals) : IDisposable
{
    public string? Tenant { get; } = tenants.Current?.Id.Value;

    public void Dispose() => disposals.All.Enqueue((Tenant, tenants.Current?.Id.Value));
}

/// <summary>The scopes that ended: whose they were, and who was ambient then.</summary>
public sealed class Disposals
{
    public ConcurrentQueue<(string? Scoped, string? Ambient)> All { get; } = new();
}
