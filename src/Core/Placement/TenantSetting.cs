namespace Freehold.Core.Placement;

/// <summary>The setting of a session that says whose it is. Policies of row-level security read it, and so does the default of the tenant's column.</summary>
internal static class TenantSetting
{
    public const string Name = "app.tenant_id";

    /// <summary>Its value in SQL. Unset, and after the end of a transaction that set it ('', not NULL), it is nobody.</summary>
    public const string Value = $"nullif(current_setting('{Name}', true), '')";
}
