using Freehold.Integrations.Serilog;
using Serilog;
using Serilog.Configuration;

namespace Freehold;

/// <summary>Adds the tenant to Serilog.</summary>
public static class SerilogMultiTenancyExtensions
{
    /// <summary>
    /// Puts the id of the tenant an event is written in on the event, whoever writes it: <c>Log.Information</c>, a logger of Serilog, or <c>ILogger</c>.
    /// Outside any tenant there is no such property. Needs no container, so it fits the bootstrap logger too.
    /// </summary>
    /// <param name="enrich"><c>Enrich</c> of the logger's configuration.</param>
    /// <param name="propertyName">The property's name; <see cref="TenantTelemetry.TenantId"/> by default, as on activities and in the scopes of <c>ILogger</c>.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static LoggerConfiguration WithTenant(this LoggerEnrichmentConfiguration enrich, string propertyName = TenantTelemetry.TenantId)
    {
        ArgumentNullException.ThrowIfNull(enrich);
        ArgumentException.ThrowIfNullOrWhiteSpace(propertyName);
        return enrich.With(new TenantEnricher(propertyName));
    }
}
