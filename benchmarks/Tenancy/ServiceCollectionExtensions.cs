using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>Containers in one expression.</summary>
internal static class ServiceCollectionExtensions
{
    public static ServiceProvider With(this ServiceCollection services, Action<IServiceCollection> configure)
    {
        configure(services);
        return services.BuildServiceProvider();
    }
}
