namespace Freehold;

/// <summary>Freehold was set up in a way that cannot work or cannot be safe. Thrown at start-up where it can be known there.</summary>
public sealed class MultiTenancyConfigurationException : InvalidOperationException
{
    /// <summary>With a sentence that names the setting and the remedy.</summary>
    public MultiTenancyConfigurationException(string message) : base(message)
    {
    }

    /// <summary>With a sentence, and the SQL that mends what it says, which an administrator can read and run.</summary>
    public MultiTenancyConfigurationException(string message, string remedySql) : base($"{message}\n{remedySql}") => RemedySql = remedySql;

    /// <summary>The statements that mend it in the database; null where the remedy is not in the database.</summary>
    public string? RemedySql { get; }
}
