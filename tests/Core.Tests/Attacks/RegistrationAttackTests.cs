using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Freehold.Core.Tests.Attacks;

/// <summary>A context that is registered a second time, and a record that says more than it may.</summary>
public sealed class RegistrationAttackTests
{
    private const string Server = "Host=localhost;Database=x";

    public static TheoryData<string, Action<IServiceCollection>> Elsewhere => new()
    {
        { "pool", services => services.AddDbContextPool<PlainDb>(options => options.UseNpgsql(Server)) },
        { "factory", services => services.AddDbContextFactory<PlainDb>(options => options.UseNpgsql(Server)) },
        { "pooled factory", services => services.AddPooledDbContextFactory<PlainDb>(options => options.UseNpgsql(Server)) },
        { "by hand", services => services.AddScoped(_ => new PlainDb(new DbContextOptionsBuilder<PlainDb>().UseNpgsql(Server).Options)) },
    };

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public void A_context_that_is_registered_elsewhere_before_is_refused(string how, Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        register(services);
        Should.Throw<MultiTenancyConfigurationException>(() => services.AddMultiTenancy(Shop), how).Message.ShouldContain("also registered outside");
    }

    [Fact]
    public void A_context_that_AddDbContext_registers_before_is_refused()
    {
        var services = new ServiceCollection().AddDbContext<PlainDb>(options => options.UseNpgsql(Server));
        Should.Throw<MultiTenancyConfigurationException>(() => services.AddMultiTenancy(Shop)).Message.ShouldContain("also registered outside");
    }

    [Theory]
    [InlineData("factory")]
    [InlineData("pooled factory")]
    [InlineData("by hand")]
    public async Task A_context_that_is_registered_elsewhere_after_stops_the_host_at_start_up(string how)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMultiTenancy(Shop);
        Elsewhere.Single(row => row.Data.Item1 == how).Data.Item2(builder.Services);
        using var host = builder.Build();
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => host.StartAsync())).Message.ShouldContain("also registered outside");
    }

    [Fact]
    public async Task AddDbContext_and_AddDbContextPool_after_AddMultiTenancy_change_nothing()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMultiTenancy(Shop);
        builder.Services.AddDbContext<PlainDb>(options => options.UseNpgsql(Server)).AddDbContextPool<PlainDb>(options => options.UseNpgsql(Server));
        using var host = builder.Build();
        await host.StartAsync();
        await using var scope = host.Services.CreateAsyncScope();
        Should.Throw<TenantMissingException>(() => scope.ServiceProvider.GetRequiredService<PlainDb>());
    }

    [Fact]
    public async Task A_record_does_not_put_its_tenant_where_nobody_or_another_one_is()
    {
        await using var world = await TenantWorld.SchemasAsync();
        var database = new NpgsqlConnectionStringBuilder(world.ConnectionString).Database;
        foreach (var placement in new[]
                 {
                     new TenantPlacement(Isolation.Schema) { Schema = "freehold_nobody" },
                     new TenantPlacement(Isolation.Database) { Database = database, Schema = "tenant_t-01" },
                 })
        {
            Should.Throw<MultiTenancyConfigurationException>(() => world.Factory<PlainDb>().Create(new Tenant("evil") { Placement = placement }))
                .Message.ShouldContain("cannot be used");
        }
    }

    private static void Shop(MultiTenancyBuilder tenancy) => tenancy.UseNpgsql(Server).IsolateBy(Isolation.Schema).AddDbContext<PlainDb>();
}
