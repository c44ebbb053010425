using System.CommandLine;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>Makes tenants, or repairs those whose making failed.</summary>
internal sealed class ProvisionCommand : ApplicationCommand
{
    private readonly Argument<string[]> _ids = new("id") { Description = "A tenant's id. Can be repeated.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _name = TypedOptions.Text("--name", "text", "A name for people.");
    private readonly Option<string?> _plan = TypedOptions.Text("--plan", "plan", "What it pays for; placement rules may ask.");
    private readonly Option<string?> _region = TypedOptions.Text("--region", "region", "Where its data has to be; placement rules may ask.");
    private readonly Option<string[]> _tags = TypedOptions.Several("--tag", "tag", "A tag, by which commands choose tenants. Can be repeated.");
    private readonly Option<string?> _isolation = TypedOptions.OneOf("--isolation", "isolation", "What separates its data from others'.", "database", "schema", "row");
    private readonly Option<string?> _server = TypedOptions.Text("--server", "name", "The server, as the application calls it.");
    private readonly Option<string?> _database = TypedOptions.Text("--database", "name", "The database.");
    private readonly Option<string?> _schema = TypedOptions.Text("--schema", "name", "The schema.");
    private readonly Option<bool> _claim = TypedOptions.Flag("--claim", "Make it of a spare tenant, where there is one.");
    private readonly RunOptions _run;

    public ProvisionCommand() : base("provision", "Make tenants: schema, database or file, migrations, seeds, record. Repeating it repairs those that failed.")
    {
        Add(_ids);
        _run = new(this, hasWaves: false);
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

            if (result.GetValue(_ids) is { Length: > 1 } && (result.GetValue(_claim) || (result.GetValue(_name) ?? result.GetValue(_database) ?? result.GetValue(_schema)) is not null))
            {
                result.AddError("--name, --database, --schema and --claim are for one tenant. Give one id, or leave them out.");
            }
        });
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var ids = invocation.Value(_ids)!.Distinct(StringComparer.Ordinal).ToArray();
        return await (ids is [var id]
            ? MakeAsync(invocation, Wanted(invocation, id))
            : MakeAsync(invocation, [.. ids.Select(one => Wanted(invocation, one))])).ConfigureAwait(false);
    }

    private async Task<int> MakeAsync(Invocation invocation, Tenant wanted)
    {
        var tenant = await Waiting.ShowAsync(
            invocation.Terminal, $"Provisioning {wanted.Id}", () => invocation.Value(_claim)
                ? invocation.Get<ITenantSpares>().ClaimAsync(wanted, invocation.Stop)
                : invocation.Provisioner.ProvisionAsync(wanted, invocation.Stop)).ConfigureAwait(false);
        invocation.Terminal.Show(new ProvisionResult(TenantDocument.Of(tenant)), console => console.WriteLine($"{tenant.Id} is {tenant.State.ToString().ToLowerInvariant()}."));
        return ExitCode.Done;
    }

    private async Task<int> MakeAsync(Invocation invocation, Tenant[] wanted)
    {
        var options = await _run.ReadAsync(invocation).ConfigureAwait(false);
        var operations = invocation.Get<ITenantOperations>();
        var result = await RunProgress.ShowAsync(invocation.Terminal, "Provisioning", progress =>
        {
            options.Progress = progress;
            return operations.ProvisionAsync(wanted, options, invocation.Stop);
        }, invocation.Stop).ConfigureAwait(false);
        invocation.Terminal.Show(new ProvisionResults(OutcomeSummary.Of(result), OutcomeDocument.Of(result)), console => console.DrawOutcomes(result));
        return invocation.Ended(result);
    }

    private Tenant Wanted(Invocation invocation, string id)
    {
        var tags = invocation.Value(_tags) ?? [];
        return tags.FirstOrDefault(tag => !TenantTags.IsValid(tag)) is { } wrong
            ? throw ToolException.Usage($"--tag {wrong}: a tag has 1 to {TenantTags.MaxLength} letters, digits and - _ . :.")
            : new Tenant(id)
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

    private sealed record ProvisionResults(OutcomeSummary Summary, IReadOnlyList<OutcomeDocument> Outcomes) : Document("provision");
}
