namespace Freehold;

/// <summary>A tenant met rows of another one, or the suite could not have seen it. The message lists what was found.</summary>
public sealed class TenantLeakException : Exception
{
    /// <summary>With the findings as text.</summary>
    public TenantLeakException(string message) : base(message)
    {
    }
}
