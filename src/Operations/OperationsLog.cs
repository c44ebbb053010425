using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations;

/// <summary>What operators find in the log.</summary>
internal static partial class OperationsLog
{
    [LoggerMessage(6001, LogLevel.Information, "Tenant {TenantId} is provisioned.")]
    public static partial void Provisioned(this ILogger logger, TenantId tenantId);

    [LoggerMessage(6002, LogLevel.Information, "Migration {Migration} of {Context} was applied to {Site}.")]
    public static partial void Applied(this ILogger logger, string migration, string context, Site site);

    [LoggerMessage(6003, LogLevel.Warning, "Tenant {TenantId} is out of service, and its data was dropped.")]
    public static partial void Dropped(this ILogger logger, TenantId tenantId);

    [LoggerMessage(6004, LogLevel.Warning, "{Tables} lacked a policy that binds their owner, too, or a view there was not its caller's; that is mended. Find out who changed it.")]
    public static partial void Mended(this ILogger logger, string tables);

    [LoggerMessage(6005, LogLevel.Warning, "Index {Index}, left behind by an interrupted step of migration {Migration} in {Site}, was dropped; the step runs again.")]
    public static partial void Repaired(this ILogger logger, string index, string migration, Site site);

    [LoggerMessage(6006, LogLevel.Information, "A step of migration {Migration} in {Site} was begun before and was done already: {Reason}.")]
    public static partial void WasDone(this ILogger logger, string migration, Site site, string reason);

    [LoggerMessage(6007, LogLevel.Information, "The migrations of {Site} could not be applied in one transaction ({Reason}); they are applied one by one.")]
    public static partial void OneByOne(this ILogger logger, Site site, string reason);

    [LoggerMessage(6010, LogLevel.Debug, "What {Site} lacks could not be applied at once ({Reason}).")]
    public static partial void NotAtOnce(this ILogger logger, Site site, string reason);

    [LoggerMessage(6011, LogLevel.Warning, "{Operation}: the journal of the run could not be written to its end.")]
    public static partial void JournalFailed(this ILogger logger, string operation, Exception failure);

    [LoggerMessage(6008, LogLevel.Error, "{Operation}: tenant {TenantId} failed.")]
    public static partial void TenantFailed(this ILogger logger, string operation, TenantId tenantId, Exception? failure);

    [LoggerMessage(6009, LogLevel.Information, "{Operation}: {Done} of {Total} tenants are done, {Failed} failed, {Left} were not begun or not ended.")]
    public static partial void RunEnded(this ILogger logger, string operation, int done, int total, int failed, int left);

    [LoggerMessage(6013, LogLevel.Warning, "Tenant {TenantId} could not be provisioned, and its record does not say so, because it could not be written.")]
    public static partial void FailureNotRecorded(this ILogger logger, TenantId tenantId, Exception failure);

    [LoggerMessage(6014, LogLevel.Information, "Tenant {TenantId} is {State} now.")]
    public static partial void Turned(this ILogger logger, TenantId tenantId, TenantState state);

    [LoggerMessage(6018, LogLevel.Information, "Tenant {TenantId} was archived before it was dropped: {Path}, {Tables} tables with {Rows} rows.")]
    public static partial void Archived(this ILogger logger, TenantId tenantId, string path, int tables, long rows);

    [LoggerMessage(6015, LogLevel.Information, "Tenant {TenantId} takes over the spare {Spare}.")]
    public static partial void Claimed(this ILogger logger, TenantId tenantId, TenantId spare);

    [LoggerMessage(6016, LogLevel.Information, "{Count} spare tenants were made.")]
    public static partial void SparesMade(this ILogger logger, int count);

    [LoggerMessage(6017, LogLevel.Warning, "Spare tenants could not be made; the next attempt is after the next claim, or in {Pause}.")]
    public static partial void SparesFailed(this ILogger logger, TimeSpan pause, Exception failure);

    [LoggerMessage(6012, LogLevel.Information, "Seed {Version} {Seed} was applied to {Site}.")]
    public static partial void Seeded(this ILogger logger, int version, string seed, Site site);

    [LoggerMessage(6020, LogLevel.Information, "Migration {Migration} of {Context} was reverted in {Site}.")]
    public static partial void Reverted(this ILogger logger, string migration, string context, Site site);

    [LoggerMessage(6021, LogLevel.Information, "Migration {Migration} of {Context} was marked as applied to {Site}; nothing of it was run.")]
    public static partial void Marked(this ILogger logger, string migration, string context, Site site);

    [LoggerMessage(6022, LogLevel.Warning,
        "Migration {Migration} of {Context} was edited after it was first applied ({FirstAppliedAt:u}; server {Servers}, {Databases} databases): who has it has other tables than who gets it now.")]
    public static partial void Edited(this ILogger logger, string migration, string context, DateTimeOffset firstAppliedAt, string servers, int databases);

    [LoggerMessage(6023, LogLevel.Warning, "Which SQL migrations are could not be recorded in database {Database}, so that edited ones are not noticed there.")]
    public static partial void SqlNotRecorded(this ILogger logger, string database, Exception failure);

    [LoggerMessage(6024, LogLevel.Debug, "The SQL of migration {Migration} of {Context} cannot be generated, so it was not compared with what was applied.")]
    public static partial void SqlNotCompared(this ILogger logger, string migration, string context, Exception failure);

    [LoggerMessage(6025, LogLevel.Warning, "Tenant {TenantId} failed, and its record does not say so, because it could not be written: it stays Migrating until the next run.")]
    public static partial void StaysOut(this ILogger logger, TenantId tenantId, Exception failure);
}
