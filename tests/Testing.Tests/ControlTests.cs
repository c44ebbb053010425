using System.Data.Common;
using System.Text.RegularExpressions;
using Freehold.Testing.Tests.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Freehold.Testing.Tests;

/// <summary>Contexts and hosts that leak, and the suite that says so.</summary>
public partial class ControlTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_context_that_asks_the_tables_of_one_tenant_for_all_is_found(bool isPooled)
    {
        var report = await RunAsync(options => options.AddInterceptors(new FirstSchemaForAll()), isPooled: isPooled);

        Should.Throw<TenantLeakException>(report.ThrowIfLeaked).Message.ShouldContain("which is");
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_write_that_ends_in_another_tenants_table_is_found(bool isPooled)
    {
        var report = await RunAsync(options => options.AddInterceptors(new WritesToTheNext()), isPooled: isPooled);

        report.Findings.ShouldNotBeEmpty();
    }

    [Theory, MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_worker_that_keeps_the_tenant_of_its_first_job_is_found(string isolation, bool isPooled)
    {
        Tenant? kept = null;
        var report = await RunAsync(
            configure: options => options.Through("worker", async (services, tenant, work, cancellationToken) =>
            {
                kept ??= tenant;
                await services.ForTenantAsync(kept.Id.Value, work, cancellationToken);
            }),
            isolation: isolation,
            isPooled: isPooled);

        report.Findings.ShouldContain(finding => finding.Contains("through worker", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_that_cannot_be_made_are_asked_for()
    {
        var failure = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => RunAsync(configure: options => options.Make<Author>(_ => throw new MultiTenancyConfigurationException("Made"))));

        failure.Message.ShouldBe("Made");
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => RunAsync(configure: options => options.Tenants = 1))).Message.ShouldContain("TenantLeakOptions");
    }

    [Fact]
    public async Task A_session_of_the_pooler_that_keeps_its_tenant_is_found()
    {
        var report = await RunAsync(options => options.AddInterceptors(new SessionThatStays()), isPooled: true);

        report.Findings.ShouldContain(finding => finding.Contains("A client of the pooler that sets nothing finds", StringComparison.Ordinal));
    }

    private static async Task<TenantLeakReport> RunAsync(
        Action<DbContextOptionsBuilder>? options = null, Action<TenantLeakOptions>? configure = null, string isolation = nameof(Isolation.Schema), bool isPooled = false)
    {
        await using var way = new Ways(isolation, isPooled);
        return await way.Suite(options, suite =>
        {
            (suite.Tenants, suite.Workers, suite.OperationsPerWorker) = (3, 4, 25);
            configure?.Invoke(suite);
        }).RunAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("\"tenant_[0-9a-f]{8}-[0-9]{2}\"")]
    private static partial Regex Schema();

    /// <summary>Reads what the first tenant reads, once seeding is over.</summary>
    private sealed class FirstSchemaForAll : DbCommandInterceptor
    {
        private volatile string? _first;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (eventData.CommandSource == CommandSource.LinqQuery)
            {
                _first ??= Schema().Match(command.CommandText) is { Success: true } match ? match.Value : null;
                command.CommandText = _first is null ? command.CommandText : Schema().Replace(command.CommandText, _first);
            }

            return new(result);
        }
    }

    /// <summary>Updates the tables of tenant 01 from the context of tenant 00.</summary>
    private sealed class WritesToTheNext : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (eventData.CommandSource == CommandSource.SaveChanges && command.CommandText.Contains("UPDATE", StringComparison.Ordinal))
            {
                command.CommandText = command.CommandText.Replace("-00\"", "-01\"", StringComparison.Ordinal);
            }

            return new(result);
        }
    }

    /// <summary>Sets, in SQL of its own, what outlives the transaction.</summary>
    private sealed class SessionThatStays : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (eventData.CommandSource == CommandSource.LinqQuery)
            {
                command.CommandText = "SET app.tenant_id TO 'somebody'; " + command.CommandText;
            }

            return new(result);
        }
    }
}
