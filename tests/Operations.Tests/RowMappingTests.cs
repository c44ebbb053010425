using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Freehold.Operations.Tests;

/// <summary>
/// Two tenants with the same keys in the same tables, made by Freehold's own migrations, in every way EF maps entities. What each writes is its
/// own; what it tries on the other's finds no row, with the policies and, by the predicate alone, without them.
/// </summary>
public sealed class RowMappingTests : IAsyncLifetime
{
    private static readonly string[] Both = ["acme", "globex"];

    private Fleet _fleet = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _fleet = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<OddDb>().AddOperations());
        foreach (var id in Both)
        {
            await _fleet.Provisioner.ProvisionAsync(new Tenant(id), Cancelled);
            await InAsync(id, async db =>
            {
                db.AddRange(OddRows.Of(id));
                await db.SaveChangesAsync(Cancelled);
            });
        }
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task Each_reads_back_what_it_wrote_and_nothing_else()
    {
        foreach (var id in Both)
        {
            await InAsync(id, async db =>
            {
                var client = await db.Clients.Include(c => c.Referrer).SingleAsync(c => c.Id == 2, Cancelled);
                (client.Name, client.Address!.Street, client.Bill!.Iban, client.Taste!.Colour, client.Referrer!.Name)
                    .ShouldBe((id, id, id, id, id));
                client.Phones.Select(phone => phone.Number).ShouldBe([id, id]);
                (await db.Clients.SingleAsync(c => c.Id == 1, Cancelled)).Address.ShouldBeNull();
                (await db.Posts.Include(post => post.Tags).ThenInclude(tag => tag.Posts).Include(post => post.Client).ToListAsync(Cancelled))
                    .ShouldHaveSingleItem().Tags.ShouldHaveSingleItem().Posts.ShouldHaveSingleItem().Client!.Name.ShouldBe(id);
                (await db.Animals.Select(animal => animal.Name).ToListAsync(Cancelled)).ShouldBe([id, id]);
                (await db.Set<Dog>().SingleAsync(Cancelled)).Barks.ShouldBe(3);
                (await db.Vehicles.Select(vehicle => vehicle.Plate).ToListAsync(Cancelled)).ShouldBe([id, id]);
                (await db.Payments.CountAsync(Cancelled)).ShouldBe(2);
                (await db.Documents.SingleAsync(Cancelled)).Text.ShouldBe(id);
                (await db.Database.SqlQuery<string>($"""SELECT "Name" FROM names""").ToListAsync(Cancelled)).ShouldBe([id, id]);
                (await db.Set<NameRow>().Select(row => row.Name).ToListAsync(Cancelled)).ShouldBe([id, id]);
                (await db.Database.ExecuteSqlAsync($"""INSERT INTO "Log" ("Text") VALUES ({id})""", Cancelled)).ShouldBe(1);
                (await db.Set<LogLine>().Select(line => line.Text).ToListAsync(Cancelled)).ShouldBe([id]);
            });
        }
    }

    [Fact]
    public async Task A_filter_of_the_users_holds_beside_the_tenants()
    {
        await InAsync("acme", async db =>
        {
            (await db.Posts.CountAsync(Cancelled)).ShouldBe(1);
            (await db.Posts.IgnoreQueryFilters().CountAsync(Cancelled)).ShouldBe(2);
        });
    }

    [Fact]
    public async Task Every_table_is_under_a_policy_and_every_key_and_index_begins_with_the_tenant()
    {
        (await _fleet.SqlAsync("acme", """
            SELECT count(*) FROM pg_class c WHERE relnamespace = 'tenants'::regnamespace AND relkind = 'r' AND relname <> '__EFMigrationsHistory'
                AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))
            """)).ShouldBe(0L);
        (await _fleet.SqlAsync("acme", "SELECT count(*) FROM pg_policies WHERE schemaname = 'tenants'")).ShouldBe(14L);
        (await _fleet.SqlAsync("acme", """
            SELECT string_agg(conname, ', ') FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
            WHERE connamespace = 'tenants'::regnamespace AND contype IN ('p', 'u', 'f') AND attname <> 'tenant_id' AND conname NOT LIKE '%History'
            """)).ShouldBe(DBNull.Value);
        (await _fleet.SqlAsync("acme", """
            SELECT string_agg(i.indexrelid::regclass::text, ', ') FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE c.relnamespace = 'tenants'::regnamespace AND attname <> 'tenant_id' AND c.relname NOT LIKE '%History'
            """)).ShouldBe(DBNull.Value);
        (await _fleet.SqlAsync("acme", """
            SELECT string_agg(replace(indexdef, 'CREATE INDEX ', ''), '; ' ORDER BY indexdef) FROM pg_indexes WHERE tablename = 'Posts' AND indexname LIKE '%Title%'
            """)).ShouldBe(
            """
            "IX_Posts_tenant_id_Title" ON tenants."Posts" USING btree (tenant_id, "Title" text_pattern_ops); "IX_Posts_tenant_id_Title_Hidden" ON tenants."Posts" USING btree (tenant_id, "Title" DESC, "Hidden") INCLUDE ("ClientCode") WHERE "Hidden"
            """);
        (await _fleet.SqlAsync("acme", "SELECT count(*) FROM pg_attribute WHERE attrelid = '\"Posts\"'::regclass AND attname = 'Id' AND attidentity <> ''")).ShouldBe(1L);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Writes_by_a_key_of_the_other_find_no_row(bool withPolicies)
    {
        await OnlyOfGlobexAsync(withPolicies);
        foreach (var attack in Attacks)
        {
            await InAsync("acme", async db =>
            {
                attack(db);
                await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync(Cancelled));
            });
        }

        await ShouldBeUntouchedAsync();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task References_to_rows_of_the_other_are_refused_by_the_database(bool withPolicies)
    {
        await OnlyOfGlobexAsync(withPolicies);
        await RefusedAsync(db => db.Add(new Post { Title = "x", ClientCode = "only-7" }));
        await RefusedAsync(db => db.Add(new Client { Id = 8, Code = "c8", Name = "acme", ReferrerId = 7 }));
        await RefusedAsync(db =>
        {
            var post = new Post { Id = 1, Title = "acme" };
            db.Attach(post);
            var tag = new Tag { Id = 7 };
            db.Attach(tag);
            post.Tags.Add(tag);
        });
        await ShouldBeUntouchedAsync();

        Task<int> RefusedAsync(Action<OddDb> write) => InAsync("acme", async db =>
        {
            write(db);
            var refused = await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync(Cancelled));
            refused.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(PostgresErrorCodes.ForeignKeyViolation);
        });
    }

    [Fact]
    public async Task Who_referred_a_client_is_set_to_null_and_the_clients_tenant_is_not()
    {
        await InAsync("acme", async db =>
        {
            (await db.Clients.Where(client => client.Id == 1).ExecuteDeleteAsync(Cancelled)).ShouldBe(1);
            (await db.Clients.SingleAsync(Cancelled)).ReferrerId.ShouldBeNull();
        });
        await InAsync("globex", async db => (await db.Clients.SingleAsync(client => client.Id == 2, Cancelled)).ReferrerId.ShouldBe(1));
    }

    [Fact]
    public async Task Own_rows_of_every_mapping_are_updated_and_deleted_also_detached()
    {
        await InAsync("acme", async db =>
        {
            var client = await db.Clients.SingleAsync(c => c.Id == 2, Cancelled);
            (client.Address!.Street, client.Bill!.Iban, client.Taste!.Colour, client.Phones[0].Number) = ("new", "new", "new", "new");
            (await db.Set<Dog>().SingleAsync(Cancelled)).Barks = 4;
            (await db.Documents.SingleAsync(Cancelled)).Text = "new";
            (await db.Payments.OfType<CardPayment>().SingleAsync(Cancelled)).Card = "new";
            await db.SaveChangesAsync(Cancelled);
        });
        await InAsync("acme", async db =>
        {
            db.Update(new Dog { Id = 2, Name = "acme", Barks = 5 });
            db.Update(new Document { Id = 1, Title = "acme", Text = "newer" });
            await db.SaveChangesAsync(Cancelled);
            var client = await db.Clients.SingleAsync(c => c.Id == 2, Cancelled);
            (client.Address!.Street, client.Bill!.Iban, client.Taste!.Colour).ShouldBe(("new", "new", "new"));
            client.Address = null;
            client.Bill = null;
            client.Phones.Clear();
            await db.SaveChangesAsync(Cancelled);
            db.RemoveRange(await db.Animals.ToListAsync(Cancelled));
            db.RemoveRange(await db.Documents.ToListAsync(Cancelled));
            db.RemoveRange(await db.Posts.IgnoreQueryFilters().Include(post => post.Tags).ToListAsync(Cancelled));
            db.RemoveRange(await db.Clients.ToListAsync(Cancelled));
            await db.SaveChangesAsync(Cancelled);
        });
        await OthersAreAsTheyWereAsync();
    }

    [Fact]
    public async Task Dropping_a_tenant_deletes_its_rows_and_nobody_elses()
    {
        await _fleet.Provisioner.DropAsync(new Tenant("acme"), cancellationToken: Cancelled);

        (await _fleet.Store.FindAsync(TenantId.Parse("acme"), Cancelled))!.State.ShouldBe(TenantState.Deleted);
        foreach (var table in await _fleet.TablesAsync("acme"))
        {
            // Of the log there are no lines.
            if (table is not ("__EFMigrationsHistory" or "Log"))
            {
                (await _fleet.SqlAsync("acme", $"""SELECT count(*) FROM "{table}" WHERE tenant_id = 'acme'""")).ShouldBe(0L);
                (await _fleet.SqlAsync("acme", $"""SELECT count(*) FROM "{table}" WHERE tenant_id = 'globex'""")).ShouldNotBe(0L);
            }
        }

        await OthersAreAsTheyWereAsync();
    }

    private static IEnumerable<Action<OddDb>> Attacks =>
    [
        db => db.Update(new Client { Id = 7, Code = "only-7", Name = "acme" }),
        db => db.Remove(new Client { Id = 7, Code = "only-7", Name = "acme" }),
        db => db.Update(new Animal { Id = 7, Name = "acme" }),
        db => db.Update(new Dog { Id = 7, Name = "acme", Barks = 9 }),
        db => db.Remove(new Dog { Id = 7, Name = "acme" }),
        db =>
        {
            var dog = new Dog { Id = 7, Name = "globex", Barks = 3 };
            db.Attach(dog);
            dog.Barks = 9;
        },
        db => db.Update(new Document { Id = 7, Title = "acme", Text = "acme" }),
        db => db.Remove(new Document { Id = 7, Title = "acme", Text = "acme" }),
        db =>
        {
            var document = new Document { Id = 7, Title = "globex", Text = "globex" };
            db.Attach(document);
            document.Text = "acme";
        },
        db =>
        {
            var client = new Client { Id = 7, Code = "only-7", Name = "globex", Address = new Address { Street = "globex" } };
            db.Attach(client);
            client.Address.Street = "acme";
        },
        db => db.Remove(new CardPayment { Id = 7 }),
        db => db.Update(new Car { Id = 7, Plate = "acme" }),
    ];

    private async Task OnlyOfGlobexAsync(bool withPolicies)
    {
        await InAsync("globex", async db =>
        {
            db.AddRange(
                new Client { Id = 7, Code = "only-7", Name = "globex", Address = new Address { Street = "globex" } },
                new Tag { Id = 7 },
                new Dog { Id = 7, Name = "globex", Barks = 3 },
                new Car { Id = 7, Plate = "globex" },
                new CardPayment { Id = 7, Card = "globex" },
                new Document { Id = 7, Title = "globex", Text = "globex" });
            await db.SaveChangesAsync(Cancelled);
        });
        if (!withPolicies)
        {
            foreach (var table in (await _fleet.TablesAsync("acme")).Where(table => table != "__EFMigrationsHistory"))
            {
                await _fleet.SqlAsync("acme", $"""ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY""");
            }
        }
    }

    private Task<int> ShouldBeUntouchedAsync() => InAsync("globex", async db =>
    {
        (await db.Clients.SingleAsync(client => client.Id == 7, Cancelled)).Address!.Street.ShouldBe("globex");
        (await db.Set<Dog>().SingleAsync(dog => dog.Id == 7, Cancelled)).ShouldSatisfyAllConditions(dog => dog.Name.ShouldBe("globex"), dog => dog.Barks.ShouldBe(3));
        (await db.Documents.SingleAsync(document => document.Id == 7, Cancelled)).Text.ShouldBe("globex");
        (await db.Set<Car>().SingleAsync(car => car.Id == 7, Cancelled)).Plate.ShouldBe("globex");
        (await db.Set<CardPayment>().SingleAsync(payment => payment.Id == 7, Cancelled)).Card.ShouldBe("globex");
    });

    private Task<int> OthersAreAsTheyWereAsync() => InAsync("globex", async db =>
    {
        var client = await db.Clients.SingleAsync(c => c.Id == 2, Cancelled);
        (client.Address!.Street, client.Bill!.Iban, client.Taste!.Colour, client.Phones.Count).ShouldBe(("globex", "globex", "globex", 2));
        (await db.Set<Dog>().SingleAsync(Cancelled)).Barks.ShouldBe(3);
        (await db.Documents.SingleAsync(Cancelled)).Text.ShouldBe("globex");
        (await db.Posts.CountAsync(Cancelled)).ShouldBe(1);
    });

    private Task<int> InAsync(string tenant, Func<OddDb, Task> work) => _fleet.InAsync<OddDb, int>(tenant, async db =>
    {
        await work(db);
        return 0;
    });
}
