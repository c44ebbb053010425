using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations.Tests.Models;

/// <summary>Every way EF has to spread entities over tables.</summary>
public sealed class OddDb(DbContextOptions<OddDb> options) : DbContext(options)
{
    public DbSet<Client> Clients => Set<Client>();

    public DbSet<Post> Posts => Set<Post>();

    public DbSet<Animal> Animals => Set<Animal>();

    public DbSet<Vehicle> Vehicles => Set<Vehicle>();

    public DbSet<Payment> Payments => Set<Payment>();

    public DbSet<Document> Documents => Set<Document>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Client>(client =>
        {
            client.Property(c => c.Id).ValueGeneratedNever();
            client.HasAlternateKey(c => c.Code);
            client.HasIndex(c => c.Mail).IsUnique();
            client.OwnsOne(c => c.Address);
            client.OwnsOne(c => c.Bill).ToTable("Bills");
            client.OwnsOne(c => c.Taste).ToJson();
            client.OwnsMany(c => c.Phones);
            client.HasOne(c => c.Referrer).WithMany().HasForeignKey(c => c.ReferrerId).OnDelete(DeleteBehavior.SetNull);
        });
        modelBuilder.Entity<Post>(post =>
        {
            post.HasOne(p => p.Client).WithMany().HasForeignKey(p => p.ClientCode).HasPrincipalKey(c => c.Code);
            post.HasMany(p => p.Tags).WithMany(t => t.Posts);
            post.HasQueryFilter(p => !p.Hidden);
            post.HasIndex(p => new { p.Title, p.Hidden }).IsDescending(true, false).HasFilter("\"Hidden\"").IncludeProperties(p => p.ClientCode);
            post.HasIndex(p => p.Title).HasOperators("text_pattern_ops");
        });
        modelBuilder.Entity<Tag>().Property(tag => tag.Id).ValueGeneratedNever();
        modelBuilder.Entity<Animal>().UseTptMappingStrategy().Property(animal => animal.Id).ValueGeneratedNever();
        modelBuilder.Entity<Dog>();
        modelBuilder.Entity<Car>();
        modelBuilder.Entity<Payment>().UseTpcMappingStrategy();
        modelBuilder.Entity<CardPayment>();
        modelBuilder.Entity<CashPayment>();
        modelBuilder.Entity<Document>().SplitToTable("DocumentTexts", table => table.Property(document => document.Text));
        modelBuilder.Entity<LogLine>().HasNoKey().ToTable("Log");
        modelBuilder.Entity<NameRow>().HasNoKey().ToView("names");
        modelBuilder.Entity<Document>().Property(document => document.Id).ValueGeneratedNever();
    }
}

[DbContext(typeof(OddDb)), Migration("20260401000000_Odd")]
public sealed class OddTables : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var operation in ModelOperations.Of<OddDb>(options => new OddDb(options)))
        {
            migrationBuilder.Operations.Add(operation);
        }

        migrationBuilder.Sql("""CREATE VIEW names AS SELECT "Name" FROM "Clients" """);
    }
}

/// <summary>What <c>dotnet ef migrations add</c> writes for a model where tenants can be isolated by row.</summary>
public static class ModelOperations
{
    public static IReadOnlyList<Microsoft.EntityFrameworkCore.Migrations.Operations.MigrationOperation> Of<TContext>(Func<DbContextOptions<TContext>, TContext> create)
        where TContext : DbContext
    {
        using var services = new ServiceCollection()
            .AddMultiTenancy(tenancy => tenancy.UseNpgsql("Host=nowhere.invalid").IsolateBy(Isolation.Row).AddDbContext<TContext>()).BuildServiceProvider();
        using var context = create((DbContextOptions<TContext>)services.GetRequiredService<DbContextOptions>());
        return context.GetService<IMigrationsModelDiffer>().GetDifferences(null, context.GetService<IDesignTimeModel>().Model.GetRelationalModel());
    }
}

public sealed class Client
{
    public int Id { get; set; }

    public required string Code { get; set; }

    public required string Name { get; set; }

    public string? Mail { get; set; }

    public Address? Address { get; set; }

    public Bill? Bill { get; set; }

    public Taste? Taste { get; set; }

    public List<Phone> Phones { get; set; } = [];

    public int? ReferrerId { get; set; }

    public Client? Referrer { get; set; }
}

public sealed class Address
{
    public string? Street { get; set; }
}

public sealed class Bill
{
    public required string Iban { get; set; }
}

public sealed class Taste
{
    public string? Colour { get; set; }
}

public sealed class Phone
{
    public int Id { get; set; }

    public required string Number { get; set; }
}

public sealed class Post
{
    public int Id { get; set; }

    public required string Title { get; set; }

    public bool Hidden { get; set; }

    public string? ClientCode { get; set; }

    public Client? Client { get; set; }

    public List<Tag> Tags { get; set; } = [];
}

public sealed class Tag
{
    public int Id { get; set; }

    public List<Post> Posts { get; set; } = [];
}

public class Animal
{
    public int Id { get; set; }

    public required string Name { get; set; }
}

public sealed class Dog : Animal
{
    public int Barks { get; set; }
}

public sealed class LogLine
{
    public required string Text { get; set; }
}

public sealed class NameRow
{
    public required string Name { get; set; }
}

public class Vehicle
{
    public int Id { get; set; }

    public required string Plate { get; set; }
}

public sealed class Car : Vehicle
{
    public int Doors { get; set; }
}

public abstract class Payment
{
    public int Id { get; set; }

    public int Cents { get; set; }
}

public sealed class CardPayment : Payment
{
    public string? Card { get; set; }
}

public sealed class CashPayment : Payment
{
    public string? Till { get; set; }
}

public sealed class Document
{
    public int Id { get; set; }

    public required string Title { get; set; }

    public required string Text { get; set; }
}
