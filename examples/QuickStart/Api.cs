using System.Security.Claims;
using Freehold;
using MediatR;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.EntityFrameworkCore;

namespace QuickStart;

public sealed record OrderForm(string Product, int Quantity);

public sealed record OrderStatus(Guid Id, string Product, int Quantity, int Total, string? ShippedFrom, int? Invoiced);

/// <summary>The HTTP boundary. ShopDb is that of the request's tenant; endpoints not marked otherwise need one.</summary>
internal static class Api
{
    private static readonly Dictionary<string, string> Users = new() { ["ann"] = "acme", ["bob"] = "globex" };

    public static void MapShop(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/orders", PlaceAsync);
        routes.MapGet("/orders", ListAsync);
        routes.MapPost("/sign-in/{user}", SignIn).AllowNoTenant();
    }

    private static async Task<IResult> PlaceAsync(OrderForm form, ShopDb db, ISender mediator, CancellationToken cancellationToken)
    {
        var product = await db.Products.FindAsync([form.Product], cancellationToken);
        if (product is null || form.Quantity < 1)
        {
            return Results.Problem($"Order one or more of: {string.Join(", ", db.Products.Select(p => p.Name))}.", statusCode: 400);
        }

        var request = Request.For(product, form.Quantity);
        db.Requests.Add(request);
        await db.SaveChangesAsync(cancellationToken);
        var order = await mediator.Send(new PlaceOrder(request.Id), cancellationToken);
        return Results.Accepted("/orders", order);
    }

    private static IAsyncEnumerable<OrderStatus> ListAsync(ShopDb db) => (
        from order in db.Orders
        join shipment in db.Shipments on order.Id equals shipment.OrderId into shipments
        from shipment in shipments.DefaultIfEmpty()
        join invoice in db.Invoices on order.Id equals invoice.OrderId into invoices
        from invoice in invoices.DefaultIfEmpty()
        orderby order.Id
        select new OrderStatus(order.Id, order.Product, order.Quantity, order.Total, shipment.Warehouse, (int?)invoice.Amount))
        .AsAsyncEnumerable();

    // The claim says where the user belongs; the token is signed. A real application asks for a password here.
    private static IResult SignIn(string user)
    {
        if (!Users.TryGetValue(user, out var tenant))
        {
            return Results.Unauthorized();
        }

        const string Scheme = BearerTokenDefaults.AuthenticationScheme;
        Claim[] claims = [new(ClaimTypes.Name, user), new(TenantHeader.Name, tenant)];
        return Results.SignIn(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme)), authenticationScheme: Scheme);
    }
}
