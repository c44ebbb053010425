namespace Freehold.Cli.Commands;

/// <summary>Takes tenants out of service.</summary>
internal sealed class SuspendCommand() : ServiceCommand("suspend", "Take tenants out of service: they are refused, and their data stays.")
{
    protected override Task<Tenant> ChangeAsync(ITenantProvisioner provisioner, TenantId id, CancellationToken stop) => provisioner.SuspendAsync(id, stop);
}
