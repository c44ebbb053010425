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
}
