namespace Freehold;

/// <summary>What <see cref="ITenantDoctor"/> found.</summary>
/// <param name="Findings">All of it, the worst first.</param>
public sealed record DoctorReport(IReadOnlyList<DoctorFinding> Findings)
{
    /// <summary>True where nothing was found that lets data leak; there may be warnings.</summary>
    public bool IsHealthy => Findings.All(finding => finding.Severity != DoctorSeverity.Error);
}

/// <summary>One thing that a rule found.</summary>
/// <param name="Rule">The rule's id, such as <c>FHD001</c>; docs/doctor.md lists them.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Server">The server's name, as it was registered.</param>
/// <param name="Database">The database.</param>
/// <param name="Subject">The table, view, function, role or setting, as it stands in SQL.</param>
/// <param name="Finding">What is wrong with it, a sentence.</param>
/// <param name="RemedySql">The statements that mend it; null where it is not mended in the database. Read them before you run them.</param>
public sealed record DoctorFinding(
    string Rule, DoctorSeverity Severity, string Server, string Database, string Subject, string Finding, string? RemedySql);

/// <summary>How bad a finding is.</summary>
public enum DoctorSeverity
{
    /// <summary>It costs, or it could become an error.</summary>
    Warning = 0,

    /// <summary>One tenant's data can be read, changed or told by another.</summary>
    Error = 1,
}
