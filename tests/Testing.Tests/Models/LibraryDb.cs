using Microsoft.EntityFrameworkCore;

namespace Freehold.Testing.Tests.Models;

/// <summary>A context with a bit of everything: natural, composite and generated keys, owned and complex types, inheritance, many to many.</summary>
public sealed class LibraryDb(DbContextOptions<LibraryDb> options) : DbContext(options)
{
    public DbSet<Author> Authors => Set<Author>();

    public DbSet<Book> Books => Set<Book>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Author>().Property(author => author.Code).HasMaxLength(4);
        modelBuilder.Entity<Book>().Property(book => book.Price).HasPrecision(9, 2);
        modelBuilder.Entity<Book>().OwnsOne(book => book.Imprint);
        modelBuilder.Entity<Book>().ComplexProperty(book => book.Size);
        modelBuilder.Entity<Book>().HasMany(book => book.Subjects).WithMany(subject => subject.Books);
        modelBuilder.Entity<Subject>().HasKey(subject => subject.Name);
        modelBuilder.Entity<Loan>().HasKey(loan => new { loan.BookId, loan.Number });
        modelBuilder.Entity<Student>();
        modelBuilder.Entity<Member>().Property<string>("Note");
    }
}

public sealed class Author
{
    public int Id { get; private set; }

    public required string Name { get; set; }

    public string? Code { get; set; }

    public Kind Kind { get; set; }

    public List<string> Aliases { get; set; } = [];

    public List<Book> Books { get; } = [];
}

public enum Kind
{
    Person,
    Group,
}

public sealed class Book
{
    public Guid Id { get; set; }

    public int AuthorId { get; set; }

    public Author? Author { get; set; }

    public decimal Price { get; set; }

    public DateTime Published { get; set; }

    public Imprint? Imprint { get; set; }

    public required Size Size { get; set; }

    public List<Subject> Subjects { get; } = [];
}

public sealed class Imprint
{
    public required string House { get; set; }
}

public sealed record Size(int Pages, double Height);

public sealed class Subject
{
    public required string Name { get; set; }

    public Subject? Broader { get; set; }

    public string? BroaderName { get; set; }

    public int Rank { get; set; }

    public List<Book> Books { get; } = [];
}

public sealed record Loan(Guid BookId, int Number, DateOnly Due)
{
    public Book? Book { get; init; }

    public Member? Member { get; init; }

    public required string Remark { get; init; }
}

public class Member
{
    public long Id { get; set; }

    public required string Name { get; set; }
}

public sealed class Student : Member
{
    public required string School { get; set; }
}
