using System.Collections.Concurrent;
using Freehold.Operations.Tests.Models;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests;

/// <summary>Who comes first, and when no more are begun.</summary>
public class WaveTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public async Task No_more_tenants_are_begun_when_too_many_failed(int maxFailures, int failed)
    {
        await using var fleet = await SchemasAsync(6, tenancy => tenancy.AddDbContext<AuditDb>());

        var result = await fleet.MigrateAsync(options: new() { MaxFailures = maxFailures, ParallelismPerServer = 1 });

        result.Of(TenantOutcomeKind.Failed).Count().ShouldBe(failed);
        result.Of(TenantOutcomeKind.NotBegun).Count().ShouldBe(6 - failed);
        result.IsComplete.ShouldBeFalse();
    }

    [Fact]
    public async Task Canaries_come_first_and_where_one_fails_nobody_else_is_begun()
    {
        await using var fleet = await SchemasAsync(5, tenancy => tenancy.AddDbContext<AuditDb>());
        var options = new TenantRunOptions { Canaries = [TenantId.Parse("t3"), TenantId.Parse("t4")] };

        var result = await fleet.MigrateAsync(options: options);

        result.Of(TenantOutcomeKind.Failed).Select(outcome => outcome.Tenant.Id.Value).ShouldBe(["t3", "t4"]);
        result.Of(TenantOutcomeKind.NotBegun).Count().ShouldBe(3);
    }

    [Fact]
    public async Task Waves_grow_by_percentage_and_progress_is_told()
    {
        await using var fleet = await SchemasAsync(10, tenancy => tenancy.AddDbContext<ShopDb>());
        var (running, ended) = (0, new ConcurrentQueue<TenantProgress>());
        var begunBefore = new ConcurrentDictionary<string, int>();
        var options = new TenantRunOptions
        {
            Canaries = [TenantId.Parse("t9")],
            WavePercentages = [34, 67],
            ParallelismPerServer = 3,
            Progress = new Told(progress => ended.Enqueue(progress)),
            BeforeTenant = (tenant, _) =>
            {
                Interlocked.Increment(ref running).ShouldBeLessThanOrEqualTo(3);
                begunBefore[tenant.Id.Value] = ended.Count(progress => progress.Outcome is not null);
                return Task.CompletedTask;
            },
            AfterTenant = (_, _) =>
            {
                Interlocked.Decrement(ref running);
                return Task.CompletedTask;
            },
        };

        (await fleet.MigrateAsync(options: options)).IsComplete.ShouldBeTrue();

        begunBefore["t9"].ShouldBe(0);
        foreach (var (first, last, before) in new[] { (0, 3, 1), (4, 6, 5), (7, 8, 8) })
        {
            Enumerable.Range(first, last - first + 1).ShouldAllBe(i => begunBefore[$"t{i}"] >= before, $"{first} to {last}");
        }

        ended.Count(progress => progress.Outcome is null).ShouldBe(10);
        ended.Where(progress => progress.Outcome is not null).Max(progress => progress.Ended).ShouldBe(10);
        ended.ShouldAllBe(progress => progress.Total == 10);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(-1, 4)]
    [InlineData(4, -1)]
    public void Impossible_numbers_are_refused(int parallelism, int maxFailures)
    {
        var options = new TenantRunOptions { ParallelismPerServer = parallelism, MaxFailures = maxFailures };
        Should.Throw<MultiTenancyConfigurationException>(options.Check);
        Should.Throw<MultiTenancyConfigurationException>(new TenantRunOptions { WavePercentages = [50, 10] }.Check);
        Should.Throw<MultiTenancyConfigurationException>(new TenantRunOptions { WavePercentages = [0] }.Check);
    }

    [Fact]
    public async Task Those_with_a_tag_come_after_the_canaries_and_before_the_others_tag_by_tag()
    {
        TenantTags[] tags = [["late"], [], ["early"], ["late", "early"], [], ["canary"]];
        await using var fleet = await SchemasAsync(6, tenancy => tenancy.AddDbContext<ShopDb>());
        foreach (var (tenant, tag) in Tenants(6).Zip(tags))
        {
            await fleet.Registry.UpdateAsync(tenant with { Tags = tag });
        }

        var begun = new ConcurrentQueue<string>();
        var options = new TenantRunOptions
        {
            Canaries = [TenantId.Parse("t5")], WaveTags = ["early", "unused", "late"], ParallelismPerServer = 1,
            BeforeTenant = (tenant, _) =>
            {
                begun.Enqueue(tenant.Id.Value);
                return Task.CompletedTask;
            },
        };

        (await fleet.MigrateAsync(options: options)).IsComplete.ShouldBeTrue();

        begun.ShouldBe(["t5", "t2", "t3", "t0", "t1", "t4"]);
        Should.Throw<MultiTenancyConfigurationException>(new TenantRunOptions { WaveTags = ["a, b"] }.Check).Message.ShouldContain("'a, b'");
        Should.Throw<MultiTenancyConfigurationException>(new TenantRunOptions { WaveTags = ["a", "a"] }.Check);
    }

    private sealed class Told(Action<TenantProgress> tell) : IProgress<TenantProgress>
    {
        public void Report(TenantProgress value) => tell(value);
    }
}
