namespace Freehold.Core.Tests.Stores;

/// <summary>What happens while the store has not answered yet.</summary>
public sealed class TenantCacheLoadTests : IDisposable
{
    private static readonly TenantId Acme = TenantId.Parse("acme");
    private static readonly Tenant Before = new("acme");
    private static readonly Tenant After = new("acme") { State = TenantState.Suspended };

    private readonly CachedStore _process = new(new ControllableStore { Holds = true });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ControllableStore Inner => _process.Inner;

    public void Dispose() => _process.Dispose();

    [Fact]
    public async Task Many_who_ask_at_once_are_one_question()
    {
        var asking = Enumerable.Range(0, 20).Select(_ => _process.FindAsync("acme")).ToArray();
        (await Inner.NextQuestionAsync()).Answer.SetResult(Before);

        (await Task.WhenAll(asking)).ShouldAllBe(tenant => tenant == Before);
        Inner.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task Who_gives_up_does_not_give_up_for_others()
    {
        using var patience = new CancellationTokenSource();
        var (hasty, patient) = (_process.FindUntilAsync("acme", patience.Token), _process.FindAsync("acme"));
        var question = await Inner.NextQuestionAsync();

        await patience.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(() => hasty)).CancellationToken.ShouldBe(patience.Token);
        question.Abandoned.IsCancellationRequested.ShouldBeFalse();
        question.Answer.SetResult(Before);

        (await patient).ShouldBe(Before);
        Inner.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task When_all_have_given_up_the_question_is_and_the_next_asks_anew()
    {
        using var patience = new CancellationTokenSource();
        var hasty = _process.FindUntilAsync("acme", patience.Token);
        var first = await Inner.NextQuestionAsync();

        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => hasty);
        first.Abandoned.IsCancellationRequested.ShouldBeTrue();

        var next = _process.FindAsync("acme");
        (await Inner.NextQuestionAsync()).Answer.SetResult(Before);
        (await next).ShouldBe(Before);
    }

    [Fact]
    public async Task Who_has_given_up_before_asking_asks_nobody()
    {
        await Should.ThrowAsync<OperationCanceledException>(() => _process.FindUntilAsync("acme", new CancellationToken(canceled: true)));

        Inner.Asked.ShouldBe(0);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_was_forgotten_while_it_was_under_way_does_not_come_back(bool clears, bool lateAnswerLast)
    {
        var early = _process.FindAsync("acme");
        var stale = await Inner.NextQuestionAsync();
        Forget(clears);
        var late = _process.FindAsync("acme");
        var fresh = await Inner.NextQuestionAsync();

        if (lateAnswerLast)
        {
            fresh.Answer.SetResult(After);
            (await late).ShouldBe(After);
            stale.Answer.SetResult(Before);
            (await early).ShouldBe(Before);
        }
        else
        {
            stale.Answer.SetResult(Before);
            (await early).ShouldBe(Before);
            fresh.Answer.SetResult(After);
            (await late).ShouldBe(After);
        }

        (await _process.FindAsync("acme")).ShouldBe(After);
        Inner.Asked.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_forgotten_answer_that_nobody_asked_for_again_is_not_remembered(bool clears)
    {
        var early = _process.FindAsync("acme");
        var stale = await Inner.NextQuestionAsync();
        Forget(clears);
        stale.Answer.SetResult(Before);
        await early;

        var late = _process.FindAsync("acme");
        (await Inner.NextQuestionAsync()).Answer.SetResult(After);

        (await late).ShouldBe(After);
    }

    [Fact]
    public async Task An_unknown_tenant_that_is_added_while_it_is_asked_for_is_found()
    {
        var early = _process.FindAsync("acme");
        var stale = await Inner.NextQuestionAsync();
        await _process.Registry.AddAsync(Before, Token);
        stale.Answer.SetResult(null);
        (await early).ShouldBeNull();

        Inner.Holds = false;
        (await _process.FindAsync("acme")).ShouldBe(Before);
    }

    [Fact]
    public async Task All_who_wait_hear_of_a_failure_and_may_try_again()
    {
        var asking = Enumerable.Range(0, 5).Select(async _ =>
        {
            await Should.ThrowAsync<TimeoutException>(() => _process.FindAsync("acme"));
            return await _process.FindAsync("acme");
        }).ToArray();
        (await Inner.NextQuestionAsync()).Answer.SetException(new TimeoutException());
        (await Inner.NextQuestionAsync()).Answer.SetResult(Before);

        (await Task.WhenAll(asking)).ShouldAllBe(tenant => tenant == Before);
        Inner.Asked.ShouldBe(2);
    }

    private void Forget(bool clears)
    {
        if (clears)
        {
            _process.Cache.Clear();
        }
        else
        {
            _process.Cache.Forget(Acme);
        }
    }
}
