namespace Freehold;

/// <summary>Where a tenant's data is.</summary>
/// <param name="Isolation">What separates it from other tenants' data.</param>
public sealed record TenantPlacement(Isolation Isolation)
{
    /// <summary>The name of the server in a record that names none.</summary>
    public const string DefaultServer = "default";

    /// <summary>The connection target by the name it was registered under; <see cref="DefaultServer"/> where there is only one.</summary>
    public string Server { get; init; } = DefaultServer;

    /// <summary>The database's name (SQLite: the file's); null leaves it to the convention. Ignored by <see cref="Isolation.Schema"/> and <see cref="Isolation.Row"/> unless set.</summary>
    public string? Database { get; init; }

    /// <summary>The schema's name; null leaves it to the convention: the tenant's own, <c>public</c> in a database of its own, or the rows' (<see cref="TenantNamingOptions.RowSchema"/>).</summary>
    public string? Schema { get; init; }
}
