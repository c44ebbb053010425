using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Stores;

public class TenantAdmissionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_active_tenant_is_admitted_with_its_record()
    {
        var acme = new Tenant("acme") { Name = "Acme Inc." };
        using var process = new CachedStore(new ControllableStore(acme));

        (await process.AdmitAsync("acme")).ShouldBeSameAs(acme);
    }

    [Theory]
    [InlineData(null, TenantErrorCodes.Missing, false)]
    [InlineData("", TenantErrorCodes.Missing, false)]
    [InlineData("nobody", TenantErrorCodes.Unknown, false)]
    [InlineData("no body", TenantErrorCodes.Unknown, false)]
    [InlineData("public", TenantErrorCodes.Unknown, false)]
    [InlineData("Frozen", TenantErrorCodes.Unknown, false)]
    [InlineData("deleted", TenantErrorCodes.Unknown, false)]
    [InlineData("frozen", TenantErrorCodes.Suspended, false)]
    [InlineData("new", TenantErrorCodes.Unavailable, true)]
    [InlineData("moving", TenantErrorCodes.Unavailable, true)]
    [InlineData("broken", TenantErrorCodes.Unavailable, true)]
    [InlineData("spare", TenantErrorCodes.Unknown, false)]
    public async Task Who_is_not_active_is_refused_with_the_code_that_says_why(string? id, string code, bool retryable)
    {
        using var process = new CachedStore(new ControllableStore(
            new Tenant("frozen") { State = TenantState.Suspended },
            new Tenant("new") { State = TenantState.Provisioning },
            new Tenant("moving") { State = TenantState.Migrating },
            new Tenant("broken") { State = TenantState.Failed, Failure = "Provisioning, migrations: no." },
            new Tenant("spare") { State = TenantState.Spare },
            new Tenant("deleted") { State = TenantState.Deleted }));

        var refusal = await Should.ThrowAsync<TenantException>(() => process.AdmitAsync(id));

        refusal.Code.ShouldBe(code);
        refusal.IsRetryable.ShouldBe(retryable);
        refusal.TenantId.ShouldBe(string.IsNullOrEmpty(id) ? null : id);
    }

    [Fact]
    public async Task A_malformed_id_is_refused_without_asking_the_store()
    {
        using var process = new CachedStore(new ControllableStore());

        await Should.ThrowAsync<TenantUnknownException>(() => process.AdmitAsync("a'; DROP TABLE tenants; --"));

        process.Inner.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task A_store_that_gives_up_by_itself_has_failed_and_a_caller_who_does_has_not()
    {
        using var process = new CachedStore(new ControllableStore { Failure = new TaskCanceledException("The store's own timeout.") });

        await Should.ThrowAsync<TenantUnavailableException>(() => process.AdmitAsync("acme"));
        await Should.ThrowAsync<OperationCanceledException>(async () => await process.Admission.AdmitAsync("acme", new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_suspended_tenants_record_does_not_answer_for_another_id()
    {
        var services = new ServiceCollection().AddSingleton<ITenantStore, OneAnswer>()
            .AddMultiTenancy(_ => { })
            .BuildServiceProvider();

        await Should.ThrowAsync<TenantUnknownException>(async () => await services.GetRequiredService<TenantAdmission>().AdmitAsync("acme", Token));
    }

    private sealed class OneAnswer : ITenantStore
    {
        public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) =>
            new(new Tenant("frozen") { State = TenantState.Suspended });

        public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Tenant>();
    }
}
