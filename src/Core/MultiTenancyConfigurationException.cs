namespace Freehold;

/// <summary>Freehold was set up in a way that cannot work or cannot be safe. Thrown at start-up where it can be known there.</summary>
public sealed class MultiTenancyConfigurationException : InvalidOperationException
{
    /// <summary>With a sentence that names the setting and the remedy.</summary>
    public MultiTenancyConfigurationException(string message) : base(message)
    {
    }
}
