using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR;

/// <summary>
/// A stream that keeps to the tenant it was created in, or names, wherever it is enumerated. What is refused is refused at the first
/// step, since MediatR starts streams there.
/// </summary>
internal sealed class TenantStream<TMessage, T>(
    TenantMediator sender,
    TMessage message,
    Func<IMediator, TMessage, CancellationToken, IAsyncEnumerable<T>> create,
    CancellationToken creatorsToken) : IAsyncEnumerable<T> where TMessage : notnull
{
    private readonly Tenant? _creators = sender.Mediation.Current;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new TenantEnumerator<T>(
            sender,
            _creators,
            token => sender.Mediation.TargetAsync(message, _creators, token),
            (mediator, token) => create(mediator, message, creatorsToken).GetAsyncEnumerator(token),
            cancellationToken);
}

/// <summary>Each step runs in the flow of whoever asks for it, so the tenant is entered anew around every one.</summary>
internal sealed class TenantEnumerator<T>(
    TenantMediator sender,
    Tenant? creators,
    Func<CancellationToken, ValueTask<Tenant?>> target,
    Func<IMediator, CancellationToken, IAsyncEnumerator<T>> open,
    CancellationToken cancellationToken) : IAsyncEnumerator<T>
{
    private IAsyncEnumerator<T>? _items;
    private AsyncServiceScope? _scope;
    private Tenant? _tenant = creators;

    public T Current => _items is null ? default! : _items.Current;

    public ValueTask<bool> MoveNextAsync()
    {
        if (_items is null)
        {
            return StartAsync();
        }

        using (Enter())
        {
            return _items.MoveNextAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var entered = Enter();
        try
        {
            if (_items is not null)
            {
                await _items.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            if (_scope is { } scope)
            {
                await scope.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<bool> StartAsync()
    {
        var tenant = await target(cancellationToken).ConfigureAwait(false);
        var mediator = ReferenceEquals(tenant, _tenant) ? sender.HereFor(tenant) : null;
        _tenant = tenant;
        using var entered = Enter();
        if (mediator is null)
        {
            _scope = sender.NewScope(out mediator);
        }

        _items = open(mediator, cancellationToken);
        return await _items.MoveNextAsync().ConfigureAwait(false);
    }

    private TenantScope? Enter() => (_tenant, sender.Mediation.Current) switch
    {
        (null, null) => null,
        (null, _) => TenantScope.EnterNone(),
        ({ } tenant, { } ambient) when tenant.Id == ambient.Id => null,
        ({ } tenant, _) => TenantScope.Enter(tenant),
    };
}
