using System.Text.RegularExpressions;

namespace Freehold.Operations;

/// <summary>What records and the journal of runs say of an operation that failed: at which step, and why.</summary>
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

    /// <summary>Of any operation, as what is written down says it: without secrets, and without the NUL that PostgreSQL does not store.</summary>
    public static string Of(Exception failure) => Text("", failure);

    // Messages are made without secrets; those of a seed or a driver are not ours, and may quote what they were given.
    private static string Text(string prefix, Exception failure)
    {
        var text = prefix + Secrets().Replace(failure.Message, "$1=***").Replace("\0", "", StringComparison.Ordinal);
        return text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength - 1), "…");
    }

    [GeneratedRegex(@"(?i)\b(password|passwd|pwd|passfile|secret|token|api[_-]?key)\s*=\s*(""[^""]*""|'[^']*'|[^;\s]*)|(?<=://[^/@\s:]*):[^@\s]*(?=@)")]
    private static partial Regex Secrets();
}
