using Microsoft.Extensions.Configuration;

namespace Freehold.Core.Tests.Stores;

/// <summary>A source of configuration that changes as a file would: all at once, with a notice.</summary>
internal sealed class ChangingConfiguration : ConfigurationProvider, IConfigurationSource
{
    public ChangingConfiguration(params (string Key, string? Value)[] settings)
    {
        Set(settings);
        Root = new ConfigurationBuilder().Add(this).Build();
    }

    public IConfigurationRoot Root { get; }

    public IConfigurationSection Tenants => Root.GetSection("Tenants");

    public void Change(params (string Key, string? Value)[] settings)
    {
        Set(settings);
        OnReload();
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    private void Set((string Key, string? Value)[] settings) =>
        Data = settings.ToDictionary(setting => "Tenants:" + setting.Key, setting => setting.Value, StringComparer.OrdinalIgnoreCase);
}
