namespace Freehold.Cli.Commands;

/// <summary>Lets tenants in again.</summary>
internal sealed class ResumeCommand() : ServiceCommand("resume", "Let suspended tenants in again.")
{
    protected override Task<Tenant> ChangeAsync(ITenantProvisioner provisioner, TenantId id, CancellationToken stop) => provisioner.ResumeAsync(id, stop);
}
