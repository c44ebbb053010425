namespace Freehold.Analyzers.Tests;

public class CapturedContextTests
{
    [Theory]
    [InlineData("class Worker(ShopDb {|FH0002:db|}) : BackgroundService { protected override Task ExecuteAsync(CancellationToken token) => db.SaveChangesAsync(token); }")]
    [InlineData("class Worker : BackgroundService { public Worker(ShopDb {|FH0002:db|}) => _db = db; ShopDb _db; protected override Task ExecuteAsync(CancellationToken token) => null; }")]
    [InlineData("abstract class Worker : IHostedLifecycleService { ShopDb {|FH0002:_db|}; ShopDb Other { get; set; } public abstract Task StartAsync(CancellationToken token); public abstract Task StopAsync(CancellationToken token); public abstract Task StartingAsync(CancellationToken token); public abstract Task StartedAsync(CancellationToken token); public abstract Task StoppingAsync(CancellationToken token); public abstract Task StoppedAsync(CancellationToken token); }")]
    public Task A_hosted_service_that_takes_a_tenants_context_is_reported(string service) => UserCode.ShouldBeReportedAsMarkedAsync(service);

    [Theory]
    [InlineData("services.AddSingleton<Cart>()")]
    [InlineData("services.AddSingleton<ICart, Cart>()")]
    [InlineData("services.AddSingleton(typeof(Cart))")]
    [InlineData("services.AddSingleton(typeof(ICart), typeof(Cart))")]
    [InlineData("services.TryAddSingleton<Cart>()")]
    [InlineData("services.TryAddSingleton<ICart, Cart>()")]
    [InlineData("services.TryAddSingleton(typeof(ICart), typeof(Cart))")]
    [InlineData("services.AddKeyedSingleton<ICart, Cart>(\"key\")")]
    [InlineData("services.TryAddEnumerable(ServiceDescriptor.Singleton<ICart, Cart>())")]
    [InlineData("((IApplicationBuilder)null).UseMiddleware<Cart>()")]
    public Task A_registered_singleton_that_takes_a_tenants_context_is_reported(string registration) =>
        UserCode.ShouldBeReportedAsMarkedAsync(Cart("ShopDb {|FH0002:db|}", registration));

    [Theory]
    [InlineData("services.AddScoped<Cart>()")]
    [InlineData("services.AddTransient<ICart, Cart>()")]
    [InlineData("services.AddSingleton<Cart>(provider => null)")]
    [InlineData("services.AddSingleton(new Cart(null))")]
    [InlineData("new Registry().AddSingleton<Cart>()")]
    public Task Another_lifetime_or_one_that_the_container_does_not_build_is_not(string registration) => UserCode.ShouldBeReportedAsMarkedAsync(Cart("ShopDb db", registration));

    [Theory]
    [InlineData("SharedDb db")]
    [InlineData("LocalDb db")]
    [InlineData("UnknownDb db")]
    [InlineData("ITenantDbContextFactory<ShopDb> contexts")]
    [InlineData("IServiceScopeFactory scopes, Func<ShopDb> make")]
    public Task A_singleton_that_takes_something_else_is_not(string parameters) =>
        UserCode.ShouldBeReportedAsMarkedAsync(Cart(parameters, "services.AddSingleton<ICart, Cart>()"));

    [Fact]
    public Task A_closed_generic_singleton_is_reported_and_an_open_one_of_any_context_is_not() => UserCode.ShouldBeReportedAsMarkedAsync("""
        class Repository<TContext>(TContext {|FH0002:db|}) where TContext : DbContext { public TContext Db() => db; }
        class Others<TContext>(TContext db) where TContext : DbContext { public TContext Db() => db; }
        class Readers<T>(ShopDb {|FH0002:db|}) { public ShopDb Db() => db; }
        static class Setup
        {
            static void Run(IServiceCollection services) => services.AddSingleton<Repository<ShopDb>>()
                .AddSingleton(typeof(Others<>), typeof(Others<>)).AddSingleton(typeof(Readers<>), typeof(Readers<>));
        }
        """);

    [Fact]
    public Task A_middleware_of_the_requests_scope_and_one_that_takes_it_per_request_are_not() => UserCode.ShouldBeReportedAsMarkedAsync("""
        class Scoped(ShopDb db) : IMiddleware { public Task InvokeAsync(HttpContext context, RequestDelegate next) => db.SaveChangesAsync(); }
        class PerRequest(RequestDelegate next) { public Task InvokeAsync(HttpContext context, ShopDb db) => next(context); }
        static class Setup { static void Run(IApplicationBuilder app) => app.UseMiddleware<Scoped>().UseMiddleware<PerRequest>(); }
        """);

    [Theory]
    [InlineData("services.AddSingleton(provider => new Cart({|FH0002:provider.GetRequiredService<ShopDb>()|}))")]
    [InlineData("services.AddSingleton<ICart>(provider => { var db = {|FH0002:provider.GetService<ShopDb>()|}; return new Cart(db); })")]
    [InlineData("services.TryAddSingleton<ICart>(provider => new Cart({|FH0002:provider.GetRequiredService<ShopDb>()|}))")]
    [InlineData("services.AddKeyedSingleton<ICart>(1, (provider, key) => new Cart({|FH0002:provider.GetRequiredService<ShopDb>()|}))")]
    [InlineData("services.AddSingleton<Func<ShopDb>>(provider => () => {|FH0002:provider.GetRequiredService<ShopDb>()|})")]
    [InlineData("services.AddSingleton(delegate (IServiceProvider provider) { return new Cart({|FH0002:provider.GetRequiredService<ShopDb>()|}); })")]
    [InlineData("services.AddHostedService(provider => new Worker({|FH0002:provider.GetRequiredService<ShopDb>()|}.Model))")]
    public Task A_factory_of_a_singleton_that_resolves_a_tenants_context_is_reported(string registration) =>
        UserCode.ShouldBeReportedAsMarkedAsync(Cart("DbContext db", registration));

    [Theory]
    [InlineData("services.AddScoped(provider => new Cart(provider.GetRequiredService<ShopDb>()))")]
    [InlineData("services.AddSingleton(provider => new Cart(provider.GetRequiredService<SharedDb>()))")]
    [InlineData("services.AddSingleton(provider => { using var scope = provider.CreateScope(); scope.ServiceProvider.GetRequiredService<ShopDb>(); return new Cart(null); })")]
    [InlineData("services.AddSingleton<Action<IServiceProvider>>(_ => inner => inner.GetRequiredService<ShopDb>())")]
    [InlineData("services.AddSingleton(provider => new Cart(null)).AddScoped(provider => provider.GetRequiredService<ShopDb>().Orders)")]
    public Task A_factory_that_resolves_it_in_a_scope_is_not(string registration) => UserCode.ShouldBeReportedAsMarkedAsync(Cart("DbContext db", registration));

    [Fact]
    public Task A_singleton_of_another_assembly_is_reported_where_it_is_registered() => UserCode.ShouldBeReportedAsMarkedAsync(
        "static class Setup { static void Run(IServiceCollection services) => {|FH0002:services.AddSingleton<StrongBox<ShopDb>>()|}; }");

    private static string Cart(string parameters, string registration) => $$"""
        interface ICart;
        class Cart({{parameters}}) : ICart;
        class Worker(object model) : BackgroundService { protected override Task ExecuteAsync(CancellationToken token) => Task.FromResult(model); }
        class Registry { public void AddSingleton<T>() { } }
        static class Setup
        {
            static void Run(IServiceCollection services)
            {
                {{registration}};
            }
        }
        """;
}
