using System.Text.RegularExpressions;

namespace Freehold.Operations;

/// <summary>What a record says of an operation that failed: at which step, and why.</summary>
internal static partial class FailureText
{
    // Enough for a sentence of the database and its remedy; records are read with every request.
    private const int MaxLength = 1000;

    private const string Migrating = "Migrating: ";

    /// <summary>Of provisioning, at a step.</summary>
    public static string OfProvisioning(string step, Exception failure) => Text($"Provisioning, {step}: ", failure);

    /// <summary>Of a migration of a tenant that was provisioned and was taken out of service for it.</summary>
    public static string OfMigrating(Exception failure) => Text(Migrating, failure);

    /// <summary>Whether a tenant that failed was provisioned before.</summary>
    public static bool IsOfMigrating(Tenant tenant) => tenant.Failure?.StartsWith(Migrating, StringComparison.Ordinal) == true;

    // Messages are made without secrets; those of a seed or a driver are not ours, and may quote what they were given.
    private static string Text(string prefix, Exception failure)
    {
        var text = prefix + Secrets().Replace(failure.Message, "$1=***");
        return text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength - 1), "…");
    }

    [GeneratedRegex(@"(?i)\b(password|passwd|pwd|passfile|secret|token|api[_-]?key)\s*=\s*(""[^""]*""|'[^']*'|[^;\s]*)|(?<=://[^/@\s:]*):[^@\s]*(?=@)")]
    private static partial Regex Secrets();
}
