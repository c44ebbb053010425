using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.RegularExpressions;
using Freehold.Core.Audit;
using Freehold.Core.Data.Connections;
using Freehold.Core.Data.Session;
using Freehold.Core.Placement;
using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Leaks;

/// <summary>The hunt finds nothing, and finds each defect that is put in on purpose.</summary>
public sealed partial class LeakHuntTests
{
    private const int Seed = 20261123;

    private static readonly bool Soak = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1";

    [Theory, InlineData(Mix.Schema), InlineData(Mix.Row), InlineData(Mix.Hybrid)]
    public async Task Forty_workers_for_twenty_tenants_on_six_connections_meet_no_foreign_row(Mix mix)
    {
        await using var world = await WorldAsync(mix, tenants: 20);
        var hunt = await HuntAsync(world, workers: 40, operations: Soak ? 2_000 : 40);
        hunt.Findings.ShouldBeEmpty();
        hunt.Cancelled.ShouldBeGreaterThan(0);
        hunt.Done.ShouldBeGreaterThan(hunt.Cancelled);
    }

    [Theory, InlineData(Mix.Schema), InlineData(Mix.Hybrid)]
    public async Task Control_text_that_is_cached_without_its_tenant_is_found(Mix mix)
    {
        await using var world = await WorldAsync(mix, tenants: 4, new TextCachedWithoutTenant());
        (await HuntAsync(world, workers: 4, operations: 30)).Findings.ShouldNotBeEmpty();
    }

    [Theory, InlineData(Mix.Schema), InlineData(Mix.Row), InlineData(Mix.Hybrid)]
    public async Task Control_a_lease_that_is_not_rebound_is_found(Mix mix)
    {
        await using var world = await WorldAsync(mix, tenants: 4);
        var hunt = new LeakHunt(world, workers: 4, operationsPerWorker: 30, Seed, db => BindTo(world.A, db, world.Services));
        await hunt.PrepareAsync();
        await hunt.RunAsync();
        hunt.Findings.ShouldContain(finding => finding.Contains(nameof(TenantMismatchException), StringComparison.Ordinal));

        // Without an ambient tenant to compare with, the binding alone decides whose rows are read.
        await using var db = world.Factory<ShopDb>().Create(world.B);
        BindTo(world.A, db, world.Services);
        (await db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe([world.A.Id.Value]);
    }

    [Theory, InlineData(Mix.Schema), InlineData(Mix.Row), InlineData(Mix.Hybrid)]
    public async Task Control_a_session_that_stays_as_the_last_tenant_left_it_is_found(Mix mix)
    {
        await using var world = await WorldAsync(mix, tenants: 4, new SessionSetOnlyOnce());
        NeverReset(world);
        var hunt = await HuntAsync(world, workers: 4, operations: 30);
        hunt.Findings.ShouldContain(finding => finding.Contains("raw", StringComparison.Ordinal));
    }

    [Theory, InlineData(Mix.Row), InlineData(Mix.Hybrid)]
    public async Task Control_rows_that_no_policy_guards_are_found_by_raw_sql(Mix mix)
    {
        await using var world = await WorldAsync(mix, tenants: 4);
        await world.ExecuteAsync("""ALTER TABLE tenants."Orders" DISABLE ROW LEVEL SECURITY; ALTER TABLE tenants."Line" DISABLE ROW LEVEL SECURITY""");
        (await HuntAsync(world, workers: 4, operations: 30)).Findings.ShouldContain(finding => finding.Contains("raw", StringComparison.Ordinal));
    }

    [Theory, InlineData(Mix.Row), InlineData(Mix.Hybrid)]
    public async Task Control_rows_that_neither_filter_nor_policy_guards_are_found_by_linq(Mix mix)
    {
        await using var world = await WorldAsync(mix, tenants: 4, new FilterTakenOut());
        await world.ExecuteAsync("""ALTER TABLE tenants."Orders" DISABLE ROW LEVEL SECURITY; ALTER TABLE tenants."Line" DISABLE ROW LEVEL SECURITY""");
        (await HuntAsync(world, workers: 4, operations: 30)).Findings
            .ShouldContain(finding => finding.Contains(", query", StringComparison.Ordinal) && finding.Contains("should be", StringComparison.Ordinal));
    }

    private static Task<TenantWorld> WorldAsync(Mix mix, int tenants, IInterceptor? defect = null) => TenantWorld.CreateAsync(
        mix,
        tenants,
        maxPoolSize: 6,
        options: options =>
        {
            if (defect is not null)
            {
                options.AddInterceptors(defect);
            }
        });

    private static async Task<LeakHunt> HuntAsync(TenantWorld world, int workers, int operations)
    {
        var hunt = new LeakHunt(world, workers, operations, Seed);
        await hunt.PrepareAsync();
        await hunt.RunAsync();
        return hunt;
    }

    private static void BindTo(Tenant tenant, ShopDb db, ServiceProvider services)
    {
        var placement = services.GetRequiredService<TenantPlacer>().Place(tenant);
        var provider = services.GetRequiredService<DatabaseProvider>();
        db.GetService<TenantLease>().Bind(
            db.GetService<Microsoft.EntityFrameworkCore.Storage.IRelationalConnection>(), provider.Rent(placement), provider,
            services.GetRequiredService<TenantCrossings>(), tenant, placement);
    }

    private static void NeverReset(TenantWorld world)
    {
        var provider = (NpgsqlProvider)world.Services.GetRequiredService<DatabaseProvider>();
        var source = ((NpgsqlSource)provider.RentShared()).DataSource;
        var settings = typeof(NpgsqlDataSource).GetProperty("Settings", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(source);
        ((NpgsqlConnectionStringBuilder)settings!).NoResetOnClose = true;
    }

    /// <summary>Remembers rewritten SQL by its shape.</summary>
    private sealed partial class TextCachedWithoutTenant : DbCommandInterceptor
    {
        private readonly ConcurrentDictionary<string, string> _texts = new();

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            command.CommandText = _texts.GetOrAdd(Schema().Replace(command.CommandText, ""), command.CommandText);
            return new(result);
        }

        [GeneratedRegex("tenant_t-[0-9]+")]
        private static partial Regex Schema();
    }

    /// <summary>Compiles queries without their filters.</summary>
    private sealed class FilterTakenOut : IQueryExpressionInterceptor
    {
        public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData) =>
            queryExpression.Type.GetGenericArguments() is [var element] && element == typeof(Order)
                ? Expression.Call(typeof(EntityFrameworkQueryableExtensions), nameof(EntityFrameworkQueryableExtensions.IgnoreQueryFilters), [element], queryExpression)
                : queryExpression;
    }

    /// <summary>Believes that a session which was set once stays set.</summary>
    private sealed class SessionSetOnlyOnce : DbCommandInterceptor
    {
        private readonly ConcurrentDictionary<int, bool> _set = new();

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (!_set.TryAdd(((NpgsqlConnection)command.Connection!).ProcessID, true))
            {
                command.CommandText = command.CommandText.Replace(Placeholder.SessionMark, "", StringComparison.Ordinal)
                    .Replace(Placeholder.TenantMark, "", StringComparison.Ordinal);
            }

            return new(result);
        }
    }
}
