using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Running;

/// <summary>What work for one tenant adds to the contract.</summary>
public sealed class ForTenantTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = Application.Build(services => services
        .AddMultiTenancy(tenancy => tenancy.UseTenants(new Tenant("acme"), new Tenant("globex")))
        .AddScoped<Resource>().AddSingleton<List<string?>>());

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_scope_disposes_is_disposed_in_the_tenant(bool fails)
    {
        using var caller = TenantScope.Enter(new Tenant("globex"));

        var running = _services.ForTenantAsync("acme", (scope, _) =>
        {
            scope.GetRequiredService<Resource>();
            return fails ? throw new InvalidOperationException("bug") : Task.CompletedTask;
        });

        await (fails ? Should.ThrowAsync<InvalidOperationException>(running) : running);
        _services.GetRequiredService<List<string?>>().ShouldBe(["acme"]);
        TenantScope.Current?.Id.Value.ShouldBe("globex");
    }

    [Fact]
    public async Task Within_a_scope_the_work_has_one_of_its_own()
    {
        await using var outer = _services.CreateAsyncScope();
        var outers = outer.ServiceProvider.GetRequiredService<Resource>();

        await outer.ServiceProvider.ForTenantAsync("acme", (scope, _) =>
        {
            scope.GetRequiredService<Resource>().ShouldNotBeSameAs(outers);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task What_is_cancelled_does_not_begin()
    {
        var began = false;

        await Should.ThrowAsync<OperationCanceledException>(() => _services.ForTenantAsync(
            "acme",
            (_, _) =>
            {
                began = true;
                return Task.CompletedTask;
            },
            new CancellationToken(canceled: true)));

        began.ShouldBeFalse();
    }

    public sealed class Resource(ITenantContext tenants, List<string?> disposedIn) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            disposedIn.Add(tenants.Current?.Id.Value);
        }
    }
}
