using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Formatting.Display;

namespace Freehold.Integrations.Serilog.Tests;

/// <summary>The tenant on Serilog's events, by each of the ways an application is wired to it.</summary>
public sealed partial class EnricherTests
{
    private const string Property = "[tenant.id, \"acme\"]";

    private static readonly Tenant Acme = new("acme");

    private readonly EventList _events = new();

    [Fact]
    public void The_public_API_is_the_approved_one() => PublicApi.ShouldBeApproved(typeof(SerilogMultiTenancyExtensions).Assembly);

    [Fact]
    public async Task An_event_has_the_tenant_it_is_written_in_and_none_outside()
    {
        await using var logger = new LoggerConfiguration().Enrich.WithTenant().WriteTo.Sink(_events).CreateLogger();

        logger.Information("hello");
        using (TenantScope.Enter(Acme))
        {
            logger.Information("hello");
            using (TenantScope.Enter(new Tenant("globex")))
            {
                await Task.Run(() => logger.Information("hello"));
            }

            using (TenantScope.EnterNone())
            {
                logger.Information("hello");
            }

            logger.Information("hello");
        }

        logger.Information("hello");

        _events.TenantsOf("hello").ShouldBe(["", Property, "[tenant.id, \"globex\"]", "", Property, ""]);
    }

    [Fact]
    public void The_static_log_needs_no_container()
    {
        Log.Logger = new LoggerConfiguration().Enrich.WithTenant().WriteTo.Sink(_events).CreateBootstrapLogger();
        using (TenantScope.Enter(Acme))
        {
            Log.Information("hello");
        }

        Log.CloseAndFlush();
        _events.TenantsOf("hello").ShouldBe([Property]);
    }

    [Fact]
    public async Task A_host_that_logs_through_Serilog_alone_has_it()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMultiTenancy(tenancy => tenancy.UseTenants(Acme));
        builder.Services.AddSerilog((_, serilog) => serilog.Enrich.FromLogContext().Enrich.WithTenant().WriteTo.Sink(_events));
        using var host = builder.Build();

        await WriteAsync(host.Services);

        _events.TenantsOf("hello").ShouldBe(["", Property]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_that_has_Serilog_beside_other_providers_has_it_once(bool isEnriched)
    {
        var serilog = new LoggerConfiguration().Enrich.FromLogContext().WriteTo.Sink(_events);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMultiTenancy(tenancy => tenancy.UseTenants(Acme));
        builder.Logging.AddSerilog((isEnriched ? serilog.Enrich.WithTenant() : serilog).CreateLogger(), dispose: true);
        using var host = builder.Build();

        await WriteAsync(host.Services);

        _events.TenantsOf("hello").ShouldBe(["", Property]);
    }

    [Fact]
    public void An_output_template_takes_it_by_its_own_name_and_by_another()
    {
        using var text = new StringWriter();
        using (var logger = new LoggerConfiguration().Enrich.WithTenant("TenantId").Enrich.WithTenant().WriteTo.Sink(_events).CreateLogger())
        using (TenantScope.Enter(Acme))
        {
            logger.Information("hello");
        }

        new MessageTemplateTextFormatter("{TenantId}/{tenant.id}: {Message}").Format(_events.Single(), text);
        text.ToString().ShouldBe("acme/acme: hello");
    }

    [Fact]
    public void A_property_that_the_event_has_by_itself_stays()
    {
        using var logger = new LoggerConfiguration().Enrich.WithTenant("TenantId").WriteTo.Sink(_events).CreateLogger();
        using (TenantScope.Enter(Acme))
        {
            logger.Information("moved to {TenantId}", "globex");
        }

        _events.TenantsOf("moved to {TenantId}").ShouldBe(["[TenantId, \"globex\"]"]);
    }

    [Fact]
    public void A_property_without_a_name_is_refused() =>
        Should.Throw<ArgumentException>(() => new LoggerConfiguration().Enrich.WithTenant(" ")).ParamName.ShouldBe("propertyName");

    private static async Task WriteAsync(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILogger<EnricherTests>>();
        Hello(logger);
        await services.ForTenantAsync("acme", async (_, _) =>
        {
            await Task.Yield();
            Hello(logger);
        });
    }

    [LoggerMessage(1, LogLevel.Information, "hello")]
    private static partial void Hello(Microsoft.Extensions.Logging.ILogger logger);
}
