using System.ComponentModel.DataAnnotations;

namespace QuickStart;

// A shop, as if there were one customer only: no tenant column, no filter, no base class. Amounts are whole, to keep the example small.

/// <summary>What a tenant sells. Every tenant has an own list: the same anvil has another price and another warehouse at each.</summary>
public sealed class Product
{
    [Key]
    public required string Name { get; init; }

    public int Price { get; init; }

    public required string Currency { get; init; }

    public required string Warehouse { get; init; }
}

/// <summary>What somebody asked for, and the price that was shown. Written by the HTTP endpoint, or by the GraphQL mutation.</summary>
public sealed class Request
{
    public Guid Id { get; init; }

    public required string Product { get; init; }

    public int Quantity { get; init; }

    public int Price { get; init; }

    public required string Currency { get; init; }

    public static Request For(Product product, int quantity) => new()
    {
        Id = Guid.CreateVersion7(),
        Product = product.Name,
        Quantity = quantity,
        Price = product.Price,
        Currency = product.Currency,
    };
}

/// <summary>Written by the mediator's handler; has the id of its request.</summary>
public sealed class Order
{
    public Guid Id { get; init; }

    public required string Product { get; init; }

    public int Quantity { get; init; }

    public int Total { get; init; }
}

/// <summary>Written by the bus's consumer.</summary>
public sealed class Shipment
{
    [Key]
    public Guid OrderId { get; init; }

    public required string Warehouse { get; init; }
}

/// <summary>Written by the background job.</summary>
public sealed class Invoice
{
    [Key]
    public Guid OrderId { get; init; }

    public int Amount { get; init; }

    public required string Currency { get; init; }
}
