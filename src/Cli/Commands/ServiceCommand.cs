using System.CommandLine;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>Takes tenants out of service, or lets them in again.</summary>
internal abstract class ServiceCommand : ApplicationCommand
{
    private readonly Argument<string[]> _ids = new("id") { Description = "The tenants' ids.", Arity = ArgumentArity.OneOrMore };

    protected ServiceCommand(string name, string description) : base(name, description) => Add(_ids);

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var changed = new List<Tenant>();
        foreach (var id in await invocation.TenantsAsync(invocation.Value(_ids)!).ConfigureAwait(false))
        {
            changed.Add(await ChangeAsync(invocation.Provisioner, id, invocation.Stop).ConfigureAwait(false));
        }

        invocation.Terminal.Show(new ServiceResult(Name, [.. changed.Select(TenantDocument.Of)]), console =>
        {
            foreach (var tenant in changed)
            {
                console.WriteLine($"{tenant.Id} is {tenant.State.ToString().ToLowerInvariant()}.");
            }
        });
        return ExitCode.Done;
    }

    protected abstract Task<Tenant> ChangeAsync(ITenantProvisioner provisioner, TenantId id, CancellationToken stop);

    private sealed record ServiceResult(string Command, IReadOnlyList<TenantDocument> Tenants) : Document(Command);
}
