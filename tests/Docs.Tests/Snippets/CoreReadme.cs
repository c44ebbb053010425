using System.Threading.Channels;
using Freehold;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Readme;

namespace Shop.CoreReadme;

internal static class Setup
{
    public static void Run(IServiceCollection services, string connectionString)
    {
        services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(connectionString)
            .IsolateBy(Isolation.Schema)
            .AddDbContext<ShopDb>());
    }

    public static async Task RemindAsync(IServiceProvider services, CancellationToken stoppingToken)
    {
        var run = await services.ForEachTenantAsync(
            (scope, cancelled) => scope.GetRequiredService<Mailer>().SendReminderAsync(cancelled), options => options.MaxParallelism = 8, stoppingToken);
        run.ThrowIfFailed();
    }
}

public sealed class Mailing(IServiceProvider services, ChannelReader<Order> orders) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var order in orders.ReadAllAsync(stoppingToken))
        {
            await services.ForTenantAsync(order.TenantId, (scope, cancelled) => scope.GetRequiredService<Mailer>().SendAsync(order, cancelled), stoppingToken);
        }
    }
}

public sealed record Order(string TenantId);

public abstract class Mailer
{
    public abstract Task SendAsync(Order order, CancellationToken cancellationToken);

    public abstract Task SendReminderAsync(CancellationToken cancellationToken);
}
