using Freehold.Operations.Tests.Models;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>What one tenant's migration leaves in the session that several tenants have, one after the other.</summary>
public class TraceTests
{
    [Fact]
    public async Task The_next_tenant_finds_nothing_of_it()
    {
        await using var fleet = await SchemasAsync(4, tenancy => tenancy.AddDbContext<TraceDb>());

        var result = await fleet.MigrateAsync(options: new() { ParallelismPerServer = 1 });

        result.ThrowIfFailed();
        foreach (var tenant in Tenants(4))
        {
            (await fleet.SqlAsync(tenant.Id.Value, """SELECT what FROM "Found" """)).ShouldBe("nothing", tenant.Id.Value);
        }
    }
}
