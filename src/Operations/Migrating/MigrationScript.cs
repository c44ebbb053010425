using System.Security.Cryptography;
using System.Text;

namespace Freehold.Operations.Migrating;

/// <summary>
/// One migration as SQL, applied or reverted, with what becomes of its row of the history table. It speaks for no tenant: all tenants of one kind of place share it.
/// </summary>
/// <param name="Move">Which migration, and whether it is reverted.</param>
/// <param name="Steps">What runs, one after the other; the last one is in a transaction and writes or deletes the history row.</param>
internal sealed record MigrationScript(MigrationMove Move, IReadOnlyList<MigrationStep> Steps)
{
    /// <summary>Whether it is done wholly or not at all.</summary>
    public bool IsOneTransaction => Steps.Count == 1;

    /// <summary>SHA-256 over the SQL and where it is divided, in hexadecimal.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', Steps.Select(step => $"{step.IsOutside} {step.Sql}")))));
}

/// <summary>What runs in one transaction, or one statement that runs in none.</summary>
/// <param name="Sql">The statements.</param>
/// <param name="IsOutside">Whether it cannot run in a transaction, such as CREATE INDEX CONCURRENTLY.</param>
internal sealed record MigrationStep(string Sql, bool IsOutside);

/// <summary>How migrating can be ended.</summary>
/// <param name="Stop">Asked between statements: what runs is finished.</param>
/// <param name="Abort">Cancels what runs.</param>
internal readonly record struct Stopping(CancellationToken Stop, CancellationToken Abort);
