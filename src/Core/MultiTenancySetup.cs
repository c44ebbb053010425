using Freehold.Core.Data.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core;

/// <summary>What was asked for while <c>AddMultiTenancy</c> ran, to find what contradicts.</summary>
internal sealed class MultiTenancySetup
{
    public List<NpgsqlServer> NpgsqlServers { get; } = [];

    public List<string> SqliteDirectories { get; } = [];

    public List<Isolation> Isolations { get; } = [];

    public List<Isolation> OtherIsolations { get; } = [];

    public bool HasDatabase => NpgsqlServers.Count + SqliteDirectories.Count > 0;

    /// <summary>The contexts, each with Freehold's own registration of it.</summary>
    public Dictionary<Type, ServiceDescriptor> Contexts { get; } = [];

    /// <exception cref="MultiTenancyConfigurationException">Two settings contradict, or one is missing.</exception>
    public void Check(IServiceCollection services)
    {
        var twice = NpgsqlServers.GroupBy(server => server.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        var defect =
            NpgsqlServers.Count > 0 && SqliteDirectories.Count > 0 ? "Both UseNpgsql and UseSqlite were called. Tenants' data is on one of them: choose."
            : SqliteDirectories.Count > 1 ? "UseSqlite was called twice. Name one directory."
            : twice is not null ? $"The server '{twice.Key}' was added twice. Name each server once."
            : NpgsqlServers.Count > 0 && NpgsqlServers.All(server => server.Name != TenantPlacement.DefaultServer)
                ? "Servers were added, but no default one. Call UseNpgsql for the server of tenants whose record names none."
            : Isolations.Distinct().Count() > 1 ? $"IsolateBy was called for {string.Join(" and ", Isolations)}. Choose one; a tenant's record can name another."
            : SqliteDirectories.Count > 0 && Isolations.Concat(OtherIsolations).Contains(Isolation.Row)
                ? "SQLite has no policies that could keep tenants' rows apart. Use Isolation.Database with UseSqlite, or UseNpgsql."
            : SqliteDirectories.Count > 0 && Isolations.Contains(Isolation.Schema) ? "SQLite has no schemas. Use Isolation.Database with UseSqlite, or UseNpgsql."
            : Contexts.Count > 0 && !HasDatabase
                ? $"{Contexts.Keys.First().Name} has no database. Call UseNpgsql or UseSqlite within AddMultiTenancy."
            : RegisteredElsewhere(services) is { } elsewhere ? elsewhere
            : NpgsqlServers.SelectMany(server => server.Defects()).FirstOrDefault();
        if (defect is not null)
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }

    /// <summary>The sentence for a context that the application also registered by itself, with a factory or directly; null if there is none.</summary>
    public string? RegisteredElsewhere(IServiceCollection services)
    {
        foreach (var (context, own) in Contexts)
        {
            var factory = typeof(IDbContextFactory<>).MakeGenericType(context);
            if (services.Any(service => (service.ServiceType == context && service != own) || service.ServiceType == factory))
            {
                return $"{context.Name} is also registered outside AddMultiTenancy, with a connection that knows no tenants. Remove that registration.";
            }
        }

        return null;
    }
}

/// <summary>Has the application registered a tenant's context once more, since <c>AddMultiTenancy</c>?</summary>
internal sealed class RegistrationCheck(MultiTenancySetup setup, IServiceCollection services) : IStartupCheck
{
    public void Run()
    {
        if (setup.RegisteredElsewhere(services) is { } defect)
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }
}
