using Hangfire.Common;

namespace Freehold.Integrations.Hangfire.Creating;

/// <summary>What a job says of tenants: the method's mark before the class's, and none means that it needs one.</summary>
internal static class JobRequirements
{
    public static bool MayLackTenant(this Job job) => (TenantRequirement.Of(job.Method) ?? TenantRequirement.Of(job.Type)) == false;
}
