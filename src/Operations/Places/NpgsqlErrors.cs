using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>PostgreSQL's errors as sentences with a remedy, and whether trying again is one.</summary>
internal static class NpgsqlErrors
{
    public static TenantOperationException Explain(Site site, string doing, Exception failure)
    {
        var database = failure as PostgresException ?? failure.InnerException as PostgresException;
        return database switch
        {
            { SqlState: PostgresErrorCodes.InsufficientPrivilege } => site.Refused(
                $"{doing} failed: the role of the connection lacks a right ({database.MessageText}). {Grant(site)} Then repeat the call.", inner: failure),
            { SqlState: PostgresErrorCodes.InvalidCatalogName } => site.Refused(
                $"{doing} failed: {database.MessageText}. Provision it (ITenantProvisioner) first.", inner: failure),
            { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.DependentObjectsStillExist } => site.Refused(
                $"{doing} failed: something else is using it ({database.MessageText}). Repeat the call.", isRetryable: true, failure),
            { SqlState: PostgresErrorCodes.QueryCanceled } => site.Refused(
                $"{doing} failed: a statement ran longer than allowed. Raise TenantOperationsOptions.CommandTimeout and repeat the call.", inner: failure),
            { IsTransient: true } => site.Refused(
                $"{doing} failed: {database.MessageText}. Nothing is wrong with the call; repeat it.", isRetryable: true, failure),
            not null => site.Refused(
                $"{doing} failed: {database.MessageText} ({database.SqlState}). Mend that and repeat the call; it continues where it stopped.", inner: failure),
            _ when failure is NpgsqlException { InnerException: TimeoutException } => site.Refused(
                $"{doing} failed: a command ran longer than allowed. Raise TenantOperationsOptions.CommandTimeout and repeat the call.", inner: failure),
            _ when failure is NpgsqlException => site.Refused(
                $"{doing} failed: server '{site.Placement?.Server ?? TenantPlacement.DefaultServer}' cannot be reached, or broke the connection. Repeat the call.",
                isRetryable: true,
                failure),
            _ => site.Refused($"{doing} failed: {failure.Message} Mend that and repeat the call; it continues where it stopped.", inner: failure),
        };
    }

    private static string Grant(Site site) => site.Placement is { Isolation: Isolation.Database }
        ? "Give it CREATEDB, or let an administrator create the database with it as OWNER."
        : "GRANT it CREATE ON DATABASE, or let an administrator create the schema with AUTHORIZATION for it.";
}
