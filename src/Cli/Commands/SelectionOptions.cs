using System.CommandLine;
using Freehold.Cli.Interactive;

namespace Freehold.Cli.Commands;

/// <summary>Which tenants a command is for.</summary>
internal sealed class SelectionOptions
{
    private readonly Option<bool> _yes = TypedOptions.Flag("--yes", "Ask nothing.", "-y");
    private readonly Option<string[]> _tenants = TypedOptions.Several("--tenant", "id", "This tenant. Can be repeated.", "-t");
    private readonly Option<string[]> _tags = TypedOptions.Several("--tag", "tag", "Tenants with this tag. Can be repeated: any of them.");
    private readonly Option<bool> _all = TypedOptions.Flag("--all", "All tenants.");
    private readonly Option<string[]> _exclude = TypedOptions.Several("--exclude", "id", "Not this tenant. Can be repeated.");

    /// <param name="command">The command.</param>
    /// <param name="isToChange">Whether it changes something, so that it has to be said for whom.</param>
    public SelectionOptions(Command command, bool isToChange = false)
    {
        foreach (var option in (Option[])[_tenants, _tags, _all, _exclude, .. isToChange ? [_yes] : (Option[])[]])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(_all) && (IsGiven(result.GetValue(_tenants)) || IsGiven(result.GetValue(_tags))))
            {
                result.AddError("--all excludes --tenant and --tag. Leave tenants out of all with --exclude.");
            }
        });
    }

    /// <summary>Where nothing says which tenants, asks whether all are meant.</summary>
    public Task<bool> IsMeantAsync(Invocation invocation, string question) =>
        IsOpen(invocation) ? AskAsync(invocation, question) : Task.FromResult(true);

    /// <summary>Asks also where it is said for whom.</summary>
    /// <exception cref="ToolException">There is nobody to ask.</exception>
    public Task<bool> IsMeantInAnyCaseAsync(Invocation invocation, string question, string why) => invocation.Terminal.IsInteractive || invocation.Value(_yes)
        ? AskAsync(invocation, question)
        : throw ToolException.Usage($"{why}, and without a terminal nobody can be asked. Say --yes.");

    private async Task<bool> AskAsync(Invocation invocation, string question)
    {
        if (invocation.Value(_yes) || await Question.AskAsync(invocation.Terminal, question, invocation.Stop).ConfigureAwait(false))
        {
            return true;
        }

        invocation.Terminal.Say("Nothing was done.");
        return false;
    }

    private bool IsOpen(Invocation invocation) =>
        !invocation.Value(_all) && !IsGiven(invocation.Value(_tenants)) && !IsGiven(invocation.Value(_tags));

    /// <summary>The chosen ones, each of which is on the list.</summary>
    /// <exception cref="ToolException">One that is named is no tenant.</exception>
    public async Task<TenantSelection> ReadAsync(Invocation invocation)
    {
        var (named, except, tags) = (invocation.Value(_tenants) ?? [], invocation.Value(_exclude) ?? [], invocation.Value(_tags) ?? []);
        if (tags.FirstOrDefault(tag => !TenantTags.IsValid(tag)) is { } wrong)
        {
            throw ToolException.Usage($"--tag {wrong}: a tag has 1 to {TenantTags.MaxLength} letters, digits and - _ . :.");
        }

        return new()
        {
            Ids = named.Length == 0 ? null : await invocation.TenantsAsync(named).ConfigureAwait(false),
            Tags = tags,
            Except = await invocation.TenantsAsync(except).ConfigureAwait(false),
        };
    }

    /// <summary>The same for what changes something: where nothing says which, all of them only if somebody is asked.</summary>
    /// <exception cref="ToolException">Nothing says which, and there is nobody to ask; or one that is named is no tenant.</exception>
    public Task<TenantSelection> ReadToChangeAsync(Invocation invocation) => IsOpen(invocation) && !invocation.Terminal.IsInteractive
        ? throw ToolException.Usage($"For which tenants? Say --tenant, --tag or --all: without a terminal nobody can be asked whether {invocation.CommandName} is meant for all.")
        : ReadAsync(invocation);

    /// <summary>The chosen ones themselves. Those who are named are meant in any state; the others in those for which operations are.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public async Task<IReadOnlyList<Tenant>> FindAsync(Invocation invocation, IReadOnlyCollection<TenantState>? states = null)
    {
        var selection = await ReadAsync(invocation).ConfigureAwait(false);
        return await invocation.TenantsAsync(tenant => (selection.Ids?.Contains(tenant.Id) ?? (states ?? selection.States).Contains(tenant.State))
            && (selection.Tags.Count == 0 || selection.Tags.Any(tenant.Tags.Contains)) && !selection.Except.Contains(tenant.Id)).ConfigureAwait(false);
    }

    private static bool IsGiven(string[]? values) => values is { Length: > 0 };
}
