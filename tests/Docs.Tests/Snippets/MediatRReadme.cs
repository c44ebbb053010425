using Freehold;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Shop.Readme;

namespace Shop.MediatRReadme;

internal static class Setup
{
    public static void Run(IServiceCollection services, string connectionString)
    {
        services.AddMultiTenancy(tenancy => tenancy.UseNpgsql(connectionString).IsolateBy(Isolation.Schema).AddDbContext<ShopDb>());
        services.AddMediatR(o => o.RegisterServicesFromAssemblyContaining<Program>().AddMultiTenancy());
    }
}

public sealed record PlaceOrder(string Item) : IRequest;                                  // the ambient tenant's

public sealed record ImportOrder(string TenantId, string Item) : IRequest, ITenantRequest; // the tenant it names

[AllowNoTenant]
public sealed record CountVisitors : IRequest<int>;                                       // anybody's

public sealed class PlaceOrderHandler(ShopDb db) : IRequestHandler<PlaceOrder>             // db: the tenant's
{
    public Task Handle(PlaceOrder request, CancellationToken cancellationToken) => db.SaveChangesAsync(cancellationToken);
}
