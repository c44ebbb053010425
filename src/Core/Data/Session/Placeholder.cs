using System.Security.Cryptography;

namespace Freehold.Core.Data.Session;

/// <summary>
/// What stands for the tenant's schema in the SQL of the one model. Different in every process, so that no text of a user can hold it;
/// with braces, because then Npgsql always quotes it, and the whole token with its quotes is what is replaced.
/// </summary>
internal static class Placeholder
{
    /// <summary>The schema of the model.</summary>
    public static readonly string Schema = $"{{tenant-{RandomNumberGenerator.GetHexString(12, lowercase: true)}}}";

    /// <summary>The schema as it stands in SQL.</summary>
    public static readonly string Token = $"\"{Schema}\"";

    /// <summary>Stands before SQL that a user wrote, wherever EF puts that; taken out before the command leaves.</summary>
    public static readonly string RawMark = $"/*freehold-raw-{RandomNumberGenerator.GetHexString(12, lowercase: true)}*/";

    /// <summary>Tags, while detection is on, a query that ignores filters; taken out before the command leaves.</summary>
    public static readonly string FilterMark = $"freehold-filters-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>Stands before a command until the user's interceptors have seen it; the tenant's search path takes its place.</summary>
    public static readonly string SessionMark = $"/*freehold-session-{RandomNumberGenerator.GetHexString(12, lowercase: true)}*/";

    /// <summary>The same where names carry their schema and only policies ask whose session it is.</summary>
    public static readonly string TenantMark = $"/*freehold-tenant-{RandomNumberGenerator.GetHexString(12, lowercase: true)}*/";
}
