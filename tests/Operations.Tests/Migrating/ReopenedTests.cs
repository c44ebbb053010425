using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>A connection of an operation that is opened again, as a retry of EF's own seeding may do, is nobody's.</summary>
public class ReopenedTests
{
    [Fact]
    public async Task Nothing_can_be_made_on_a_connection_that_was_opened_again()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<ShopDb>(options => options.UseAsyncSeeding(async (context, _, token) =>
        {
            var connection = context.Database.GetDbConnection();
            await connection.CloseAsync();
            await connection.OpenAsync(token);
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE lost (id int)";
            await command.ExecuteNonQueryAsync(token);
        })).AddOperations());

        var failure = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(new Tenant("acme"), TestContext.Current.CancellationToken));

        (await fleet.SqlAsync("acme", "SELECT string_agg(relnamespace::regnamespace::text, ' ') FROM pg_class WHERE relname = 'lost'")).ShouldBe(DBNull.Value);
        failure.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(PostgresErrorCodes.InvalidSchemaName);
    }
}
