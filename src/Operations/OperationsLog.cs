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

    [LoggerMessage(6005, LogLevel.Information, "Seed {Version} {Seed} was applied to {Site}.")]
    public static partial void Seeded(this ILogger logger, int version, string seed, Site site);
}
