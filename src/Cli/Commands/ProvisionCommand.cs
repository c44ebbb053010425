using System.CommandLine;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>Makes a tenant, or repairs one whose making failed.</summary>
internal sealed class ProvisionCommand : ApplicationCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The tenant's id." };
    private readonly Option<string?> _name = TypedOptions.Text("--name", "text", "A name for people.");
    private readonly Option<string?> _plan = TypedOptions.Text("--plan", "plan", "What it pays for; placement rules may ask.");
    private readonly Option<string?> _region = TypedOptions.Text("--region", "region", "Where its data has to be; placement rules may ask.");
    private readonly Option<string[]> _tags = TypedOptions.Several("--tag", "tag", "A tag, by which commands choose tenants. Can be repeated.");
    private readonly Option<string?> _isolation = TypedOptions.OneOf("--isolation", "isolation", "What separates its data from others'.", "database", "schema", "row");
    private readonly Option<string?> _server = TypedOptions.Text("--server", "name", "The server, as the application calls it.");
    private readonly Option<string?> _database = TypedOptions.Text("--database", "name", "The database.");
    private readonly Option<string?> _schema = TypedOptions.Text("--schema", "name", "The schema.");
    private readonly Option<bool> _claim = TypedOptions.Flag("--claim", "Make it of a spare tenant, where there is one.");

    public ProvisionCommand() : base("provision", "Make a tenant: schema, database or file, migrations, seeds, record. Repeating it repairs one that failed.")
    {
        Add(_id);
        foreach (var option in (Option[])[_name, _plan, _region, _tags, _isolation, _server, _database, _schema, _claim])
        {
            Add(option);
        }

        Validators.Add(result =>
        {
            if (result.GetValue(_isolation) is null && (result.GetValue(_server) ?? result.GetValue(_database) ?? result.GetValue(_schema)) is not null)
            {
                result.AddError("--server, --database and --schema are parts of a placement. Say --isolation, too.");
            }
        });
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var wanted = Wanted(invocation);
        var tenant = await Waiting.ShowAsync(
            invocation.Terminal, $"Provisioning {wanted.Id}", () => invocation.Value(_claim)
                ? invocation.Get<ITenantSpares>().ClaimAsync(wanted, invocation.Stop)
                : invocation.Provisioner.ProvisionAsync(wanted, invocation.Stop)).ConfigureAwait(false);
        invocation.Terminal.Show(new ProvisionResult(TenantDocument.Of(tenant)), console => console.WriteLine($"{tenant.Id} is {tenant.State.ToString().ToLowerInvariant()}."));
        return ExitCode.Done;
    }

    private Tenant Wanted(Invocation invocation)
    {
        var tags = invocation.Value(_tags) ?? [];
        return tags.FirstOrDefault(tag => !TenantTags.IsValid(tag)) is { } wrong
            ? throw ToolException.Usage($"--tag {wrong}: a tag has 1 to {TenantTags.MaxLength} letters, digits and - _ . :.")
            : new Tenant(invocation.Value(_id)!)
            {
                Name = invocation.Value(_name),
                Plan = invocation.Value(_plan),
                Region = invocation.Value(_region),
                Tags = TenantTags.Create(tags),
                Placement = Placement(invocation),
            };
    }

    private TenantPlacement? Placement(Invocation invocation) => invocation.Value(_isolation) is { } isolation
        ? new(Enum.Parse<Isolation>(isolation, ignoreCase: true))
        {
            Server = invocation.Value(_server) ?? TenantPlacement.DefaultServer,
            Database = invocation.Value(_database),
            Schema = invocation.Value(_schema),
        }
        : null;

    private sealed record ProvisionResult(TenantDocument Tenant) : Document("provision");
}
