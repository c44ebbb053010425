namespace Freehold.Contracts;

/// <summary>What a visit's script can do on the far side, whether that is in this process or in another.</summary>
public interface IFarSide
{
    /// <summary>Writes down the tenant that is current there.</summary>
    Task LookAsync(string where);

    /// <summary>Writes down whose row the context injected into the constructor reads.</summary>
    Task LookIntoTheDatabaseAsync();

    /// <summary>Does the work inside a tenant's scope there (null: in a scope of no tenant), and leaves it.</summary>
    Task WithinAsync(string? tenant, Func<Task> work);
}
