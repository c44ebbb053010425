using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Freehold.Core.Tests.Stores;

/// <summary>A store that counts, fails, and waits with its answers as told.</summary>
internal sealed class ControllableStore : ITenantStore, ITenantRegistry
{
    private readonly ConcurrentDictionary<TenantId, Tenant> _tenants = new();
    private readonly Channel<Question> _questions = Channel.CreateUnbounded<Question>();
    private int _asked;

    public ControllableStore(params Tenant[] tenants)
    {
        foreach (var tenant in tenants)
        {
            _tenants[tenant.Id] = tenant;
        }
    }

    /// <summary>How often it was asked for one tenant.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Whether answers wait for <see cref="NextQuestionAsync"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>Thrown by every call.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Who was ambient at the last question.</summary>
    public Tenant? Ambient { get; private set; }

    public async Task<Question> NextQuestionAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _questions.Reader.ReadAsync(patience.Token);
    }

    public async ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _asked);
        Ambient = TenantScope.Current;
        if (Holds)
        {
            var question = new Question(id, cancellationToken);
            _questions.Writer.TryWrite(question);
            return await question.Answer.Task.WaitAsync(cancellationToken);
        }

        return Failure is null ? _tenants.GetValueOrDefault(id) : throw Failure;
    }

    public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) =>
        _tenants.Values.OrderBy(tenant => tenant.Id.Value, StringComparer.Ordinal).ToAsyncEnumerable();

    public Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default) => Write(() => _tenants[tenant.Id] = tenant);

    public Task UpdateAsync(Tenant tenant, CancellationToken cancellationToken = default) => Write(() => _tenants[tenant.Id] = tenant);

    public Task RemoveAsync(TenantId id, CancellationToken cancellationToken = default) => Write(() => _tenants.TryRemove(id, out _));

    // A failing write may have written all the same: the worst case.
    private Task Write(Action write)
    {
        write();
        return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
    }
}

/// <summary>What a store was asked and has not answered.</summary>
internal sealed record Question(TenantId Id, CancellationToken Abandoned)
{
    public TaskCompletionSource<Tenant?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
