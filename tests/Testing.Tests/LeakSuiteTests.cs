namespace Freehold.Testing.Tests;

public class LeakSuiteTests
{
    [Theory, MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_context_that_keeps_its_tenants_apart_passes(string isolation, bool isPooled)
    {
        await using var way = new Ways(isolation, isPooled);

        var report = await way.Suite().RunAsync(TestContext.Current.CancellationToken);

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
