namespace Freehold.Operations.Tests.Models;

/// <summary>What a tenant has in <see cref="OddDb"/>: the same keys as every other, and its own id in every text.</summary>
internal static class OddRows
{
    public static object[] Of(string id)
    {
        var first = new Client { Id = 1, Code = "c1", Name = id };
        var second = new Client
        {
            Id = 2,
            Code = "c2",
            Name = id,
            Mail = "same@example.com",
            Address = new Address { Street = id },
            Bill = new Bill { Iban = id },
            Taste = new Taste { Colour = id },
            Phones = { new Phone { Number = id }, new Phone { Number = id } },
            Referrer = first,
        };
        return
        [
            first, second,
            new Post { Title = id, Client = second, Tags = { new Tag { Id = 1 } } },
            new Post { Title = id, Hidden = true },
            new Animal { Id = 1, Name = id }, new Dog { Id = 2, Name = id, Barks = 3 },
            new Vehicle { Plate = id }, new Car { Plate = id, Doors = 3 },
            new CardPayment { Cents = 1, Card = id }, new CashPayment { Cents = 2, Till = id },
            new Document { Id = 1, Title = id, Text = id },
        ];
    }
}
