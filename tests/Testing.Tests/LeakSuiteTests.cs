using Freehold.Testing.Tests.Models;

namespace Freehold.Testing.Tests;

public class LeakSuiteTests
{
    [Theory]
    [InlineData(Isolation.Schema)]
    [InlineData(Isolation.Database)]
    [InlineData(Isolation.Row)]
    public async Task A_context_that_keeps_its_tenants_apart_passes(Isolation isolation)
    {
        var suite = new TenantLeakSuite<LibraryDb>(
            (tenancy, connectionString) => tenancy.UseNpgsql(connectionString).IsolateBy(isolation).AddDbContext<LibraryDb>(),
            options => options.Tenants = isolation == Isolation.Database ? 3 : 5);

        var report = await suite.RunAsync();

        report.ThrowIfLeaked();
        report.Entities.ShouldBe(["Author", "Book", "Subject", "Member", "Loan", "Student"], ignoreOrder: true);
        report.Operations.Keys.ShouldBe(
            [
                "ExecuteDelete and roll back", "ExecuteUpdate", "compiled query", "composed raw SQL", "count", "failed command", "find", "include", "insert and roll back",
                "kept open", "query", "raw SQL", "raw scalar", "raw update and roll back", "save", "split query", "without a tenant",
            ],
            ignoreOrder: true);
        report.Cancelled.ShouldBeGreaterThan(0);
    }
}
