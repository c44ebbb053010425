using Freehold.Integrations.Hangfire.Hosts;
using Freehold.Integrations.Hangfire.Signing;
using Hangfire.Client;

namespace Freehold.Integrations.Hangfire.Creating;

/// <summary>The job that another one continues. Its tenant is signed anew for what continues it, so it has to be its own.</summary>
internal static class ParentJob
{
    /// <exception cref="TenantUnknownException">The parent's signature is not for its tenant, or cannot be checked here.</exception>
    public static string? TenantOf(string jobId, CreatingContext context, TenantHost host)
    {
        var tenantId = JobParameters.Read(context.Connection, jobId, TenantHeader.Name);
        if (tenantId is not null && host.Signer.IsOn)
        {
            var job = context.Connection.GetJobData(jobId)?.Job ?? throw TenantUnknownException.NotBelieved(
                tenantId,
                $"it is that of job {jobId}, whose class is not in this process, so that its {TenantHeader.Signature} cannot be checked. "
                + "Continue the job inside TenantScope.Enter");
            SignedJob.Verify(host.Signer, tenantId, job, name => JobParameters.Read(context.Connection, jobId, name));
        }

        return tenantId;
    }
}
