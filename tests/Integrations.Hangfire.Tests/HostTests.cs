using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Integrations.Hangfire.Tests;

/// <summary>Hangfire is process-wide where applications are not. These tests set what is process-wide: nothing runs beside them.</summary>
[Collection(nameof(Alone))]
public sealed class HostTests
{
    [Fact]
    public async Task The_static_API_keeps_the_tenant_and_refuses_to_create_without_one()
    {
        await using var host = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory());
        var visit = host.Visits.Plan();
        JobStorage.Current = host.Storage;

        using (TenantScope.Enter(new Tenant("acme")))
        {
            BackgroundJob.Enqueue<VisitJob>(job => job.RunAsync(visit.Id));
        }

        await visit.ShouldHaveSeenOnlyAsync("acme");
        Should.Throw<BackgroundJobClientException>(() => BackgroundJob.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)))
            .InnerException.ShouldBeOfType<TenantMissingException>();
    }

    [Fact]
    public async Task With_the_storage_set_in_the_callback_as_in_the_readme_jobs_find_their_tenant()
    {
        var storage = JobStorages.InMemory();
        await using var host = await JobsHost.StartAsync(storage, services =>
        {
            services.AddMultiTenancy(tenancy => tenancy.UseTenants(new Tenant("acme")));
            services.AddSingleton<VisitLog>().AddScoped<FarSide>();
            services.AddHangfire((provider, hangfire) => hangfire.UseMultiTenancy(provider).UseStorage(storage));
        });
        var visit = host.Visits.Plan();

        host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));

        await visit.ShouldHaveSeenOnlyAsync("acme");
    }

    [Fact]
    public async Task Two_hosts_in_one_process_do_not_mix()
    {
        await using var one = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory());
        await using var two = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory());
        await two.Services.GetRequiredService<ITenantRegistry>().RemoveAsync(TenantId.Parse("globex"), TestContext.Current.CancellationToken);
        var (visitOfOne, visitOfTwo) = (one.Visits.Plan(), two.Visits.Plan());

        one.CreateIn("globex", client => client.Enqueue<VisitJob>(job => job.RunAsync(visitOfOne.Id)));
        two.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visitOfTwo.Id)));
        var refused = two.CreateIn("globex", client => client.Enqueue<VisitJob>(job => job.RunAsync(visitOfTwo.Id)));

        await visitOfOne.ShouldHaveSeenOnlyAsync("globex");
        await visitOfTwo.ShouldHaveSeenOnlyAsync("acme");
        (await two.ReadToEndAsync(refused))[^1].Code.ShouldBe(TenantErrorCodes.Unknown);
        (one.Visits.Constructions, two.Visits.Constructions).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_job_class_is_built_by_its_own_host_though_another_was_configured_before_the_server_started()
    {
        JobsHost? two = null;
        await using var one = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory(), services => services.AddSingleton<IHostedService>(provider =>
        {
            provider.GetRequiredService<IGlobalConfiguration>();
            two = JobsHost.StartWithTenantsAsync(JobStorages.InMemory()).GetAwaiter().GetResult();
            return new Nothing();
        }));
        await using var other = two.ShouldNotBeNull();
        var visit = one.Visits.Plan();

        one.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));

        await visit.ShouldHaveSeenOnlyAsync("acme");
        (one.Visits.Constructions, other.Visits.Constructions).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_host_without_tenants_in_the_same_process_is_left_alone()
    {
        await using var tenants = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory());
        var storage = JobStorages.InMemory();
        await using var host = await JobsHost.StartAsync(storage, services =>
        {
            services.AddSingleton<VisitLog>().AddScoped<FarSide>().AddSingleton<ITenantContext>(tenants.Services.GetRequiredService<ITenantContext>());
            services.AddSingleton(storage).AddHangfire(_ => { });
        });
        var visit = host.Visits.Plan();

        host.CreateIn(null, client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));

        await visit.ShouldHaveSeenOnlyAsync(null);
    }

    [Fact]
    public async Task A_server_that_was_started_inside_a_tenants_scope_does_not_lend_it_to_jobs()
    {
        JobsHost host;
        using (TenantScope.Enter(new Tenant("acme")))
        {
            host = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory());
        }

        await using var started = host;
        var visit = host.Visits.Plan();
        host.CreateIn(null, client => client.Enqueue<FreeJob>(job => job.RunAsync(visit.Id)));

        await visit.ShouldHaveSeenOnlyAsync(null);
    }

    [Fact]
    public async Task Called_twice_it_does_nothing_more()
    {
        await using var host = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory(), services =>
            services.AddSingleton<IHostedService>(provider =>
            {
                provider.GetRequiredService<IGlobalConfiguration>().UseMultiTenancy(provider).UseMultiTenancy(provider);
                return new Nothing();
            }));
        var visit = host.Visits.Plan();

        host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));

        await visit.ShouldHaveSeenOnlyAsync("acme");
        GlobalJobFilters.Filters.Where(filter => filter.Instance.GetType().Assembly == typeof(HangfireMultiTenancyExtensions).Assembly)
            .GroupBy(filter => filter.Instance.GetType()).ShouldAllBe(group => group.Count() == 1);
    }

    [Fact]
    public async Task A_server_with_a_filter_provider_of_its_own_refuses_the_jobs_that_pass_it()
    {
        await using var host = await JobsHost.StartWithTenantsAsync(
            JobStorages.InMemory(),
            configureServer: options => options.FilterProvider = new JobFilterProviderCollection(new JobFilterCollection { new JobWatch() }));
        var visit = host.Visits.Plan();

        var job = host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));
        var states = await host.ReadToEndAsync(job);

        states[^1].Name.ShouldBe(FailedState.StateName);
        states[^1].Data["ExceptionType"].ShouldBe(typeof(TenantMissingException).FullName);
        (visit.Runs, host.Visits.Constructions).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_hosts_own_collection_of_filter_providers_gets_the_filters()
    {
        JobFilterProviderCollection own = [new JobFilterCollection { new JobWatch() }];
        await using var host = await JobsHost.StartWithTenantsAsync(
            JobStorages.InMemory(), services => services.AddSingleton<IJobFilterProvider>(own));
        var visit = host.Visits.Plan();

        host.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));

        await visit.ShouldHaveSeenOnlyAsync("acme");
        Should.Throw<BackgroundJobClientException>(() => host.Client.Enqueue<VisitJob>(job => job.RunAsync(visit.Id)));
    }

    [Fact]
    public async Task A_filter_provider_that_hides_the_filters_is_refused_at_start() =>
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => JobsHost.StartWithTenantsAsync(
            JobStorages.InMemory(), services => services.AddSingleton<IJobFilterProvider>(new JobFilterAttributeFilterProvider()))))
        .Message.ShouldContain(nameof(JobFilterAttributeFilterProvider));

    [Fact]
    public async Task A_host_without_AddMultiTenancy_is_refused_at_start() =>
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => JobsHost.StartAsync(
            JobStorages.InMemory(), services => services.AddHangfire((provider, hangfire) => hangfire.UseMultiTenancy(provider)))))
        .Message.ShouldContain("AddMultiTenancy");

    [Fact]
    public async Task A_job_created_inside_the_callback_is_refused_with_a_sentence()
    {
        var storage = JobStorages.InMemory();

        var refusal = await Should.ThrowAsync<BackgroundJobClientException>(() => JobsHost.StartAsync(storage, services =>
        {
            services.AddMultiTenancy(tenancy => tenancy.UseTenants(new Tenant("acme")));
            services.AddHangfire((provider, hangfire) =>
            {
                hangfire.UseStorage(storage).UseMultiTenancy(provider);
                BackgroundJob.Enqueue<FreeJob>(job => job.RunAsync(Guid.Empty));
            });
        }));

        refusal.InnerException.ShouldBeOfType<MultiTenancyConfigurationException>().Message.ShouldContain("callback of AddHangfire");
    }

    [Fact]
    public async Task Two_hosts_on_one_storage_instance_are_refused()
    {
        var storage = JobStorages.InMemory();
        await using var one = await JobsHost.StartWithTenantsAsync(storage);
        one.CreateIn("acme", client => client.Schedule<VisitJob>(job => job.RunAsync(Guid.Empty), TimeSpan.FromDays(1)));
        await using var two = await JobsHost.StartWithTenantsAsync(storage);

        Should.Throw<BackgroundJobClientException>(() => two.CreateIn("acme", client => client.Enqueue<VisitJob>(job => job.RunAsync(Guid.Empty))))
            .InnerException.ShouldBeOfType<MultiTenancyConfigurationException>().Message.ShouldContain("AddSingleton<JobStorage>");
    }

    private sealed class Nothing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
