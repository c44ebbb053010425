namespace Freehold.Operations.Diagnosing;

/// <summary>What the rules are worth, and those that pg_catalog does not answer.</summary>
internal static class DoctorRules
{
    public const string Superuser = "FHD002";
    public const string BypassesPolicies = "FHD003";
    public const string OpenPath = "FHD013";
    public const string OldServer = "FHD014";
    public const string UnknownPooler = "FHD015";

    // Minor releases of all versions come out together; the one of version 15 was seen to mend what the ones before let through.
    private static readonly Dictionary<int, int> Fixed = new() { [14] = 25, [15] = 20, [16] = 16, [17] = 12, [18] = 6 };

    private static readonly string[] Warnings = ["FHD009", "FHD012", OldServer];

    public static DoctorSeverity Severity(string rule, bool hasRow) =>
        Warnings.Contains(rule) || (rule is Superuser or BypassesPolicies && !hasRow) ? DoctorSeverity.Warning : DoctorSeverity.Error;

    /// <summary>The release that mends what is known of row-level security in a version, where this one is older; else null.</summary>
    public static Version? Lacks(Version server) =>
        server.Major < 14 ? new(14, 25) : Fixed.TryGetValue(server.Major, out var minor) && server.Minor < minor ? new(server.Major, minor) : null;
}
