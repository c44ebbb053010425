using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Freehold.Core.Stores.Configured;

/// <summary>Tenants from a section of the configuration, replaced as a whole when it changes.</summary>
internal sealed partial class ConfigurationTenantStore : ITenantStore, IDisposable
{
    private readonly Lock _reading = new();
    private readonly IConfigurationSection _section;
    private readonly TenantSectionReader _reader;
    private readonly ILogger _logger;
    private readonly IDisposable _watch;
    private volatile ConfiguredTenants _tenants;

    /// <exception cref="MultiTenancyConfigurationException">An entry is broken, or there is none.</exception>
    public ConfigurationTenantStore(IConfigurationSection section, TenantSectionReader reader, ILogger<ConfigurationTenantStore> logger)
    {
        _section = section;
        _reader = reader;
        _logger = logger;
        lock (_reading)
        {
            // Watching first: a change that comes while this reads is read after it.
            _watch = ChangeToken.OnChange(section.GetReloadToken, Reload);
            try
            {
                _tenants = reader.Read(section);
            }
            catch
            {
                _watch.Dispose();
                throw;
            }
        }
    }

    public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) => new(_tenants.ById.GetValueOrDefault(id));

    public async IAsyncEnumerable<Tenant> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var tenant in _tenants.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return tenant;
        }
    }

    public void Dispose() => _watch.Dispose();

    private void Reload()
    {
        lock (_reading)
        {
            try
            {
                _tenants = _reader.Read(_section);
            }
            catch (MultiTenancyConfigurationException broken)
            {
                LogBroken(_section.Path, broken.Message);
            }
        }
    }

    [LoggerMessage(1101, LogLevel.Warning, "The changed tenants of section {Section} were not taken, the list stays as it was: {Reason}", EventName = "TenantsNotReloaded")]
    private partial void LogBroken(string section, string reason);
}
