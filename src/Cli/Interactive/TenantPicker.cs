using Freehold.Cli.Commands;
using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Interactive;

/// <summary>Asks for tenants. Escape is nobody.</summary>
internal sealed class TenantPicker(Invocation invocation)
{
    private const int PageSize = 15;
    private const string Everybody = "all of them";

    private IAnsiConsole Console => invocation.Terminal.Results;

    /// <summary>Some of those who lack migrations, all of whom are chosen at first.</summary>
    public async Task<string[]?> PickPendingAsync()
    {
        var plan = await Waiting.ShowAsync(
            invocation.Terminal, "Looking for migrations", () => invocation.Operations.PlanMigrationAsync(cancellationToken: invocation.Stop)).ConfigureAwait(false);
        var pending = plan.Tenants.Where(status => status.Pending.Count > 0).ToArray();
        if (pending.Length == 0)
        {
            Console.DrawStatus(plan);
            return plan.PendingShared.Count > 0 ? ["--all"] : null;
        }

        var choices = pending.Select(status => (status.Tenant, $"{Tables.Count(status.Pending.Count, "migration")} pending"));
        return Options(await PickAsync("Migrate whom?", [.. choices], isChosen: true).ConfigureAwait(false), pending.Length);
    }

    /// <summary>Some of all.</summary>
    public async Task<string[]?> PickAsync(string question)
    {
        var tenants = await invocation.TenantsInAsync(TenantSelection.All.States).ConfigureAwait(false);
        var choices = tenants.Select(tenant => (tenant, tenant.State.ToString().ToLowerInvariant()));
        return Options(await PickAsync(question, [.. choices], isChosen: false).ConfigureAwait(false), tenants.Count);
    }

    /// <summary>One of those in a state.</summary>
    public async Task<string[]?> PickOneAsync(string question, params TenantState[] states)
    {
        var tenants = await invocation.TenantsInAsync(states).ConfigureAwait(false);
        if (tenants.Count == 0)
        {
            Console.WriteLine("There are no such tenants.");
            return null;
        }

        var prompt = new SelectionPrompt<string>().Title(question).PageSize(PageSize).EnableSearch().AddChoices(tenants.Select(tenant => tenant.Id.Value)).AddCancelResult("");
        return await Console.AnswerAsync(prompt, invocation.Stop).ConfigureAwait(false) is { Length: > 0 } id ? [id] : null;
    }

    /// <summary>The id of a new tenant. Nothing typed is nobody.</summary>
    public async Task<string[]?> TypeIdAsync() =>
        await Console.AnswerAsync(new TextPrompt<string>("Its id (nothing: back):").AllowEmpty(), invocation.Stop).ConfigureAwait(false) is { Length: > 0 } id ? [id] : null;

    private async Task<IReadOnlyList<string>> PickAsync(string question, IReadOnlyList<(Tenant Tenant, string Remark)> tenants, bool isChosen)
    {
        var remarks = tenants.ToDictionary(pair => pair.Tenant.Id.Value, pair => pair.Remark);
        var width = remarks.Keys.Max(id => id.Length);
        var prompt = new MultiSelectionPrompt<string>()
            .Title(question)
            .PageSize(PageSize)
            .NotRequired()
            .InstructionsText("(Space chooses, Enter goes on, Escape goes back)")
            .UseConverter(choice => Markup.Escape(remarks.TryGetValue(choice, out var remark) ? $"{choice.PadRight(width)}  {remark}" : choice))
            .AddChoiceGroup(Everybody, remarks.Keys.Order(StringComparer.Ordinal))
            .AddCancelResult([]);
        foreach (var id in isChosen ? (string[])[Everybody, .. remarks.Keys] : [])
        {
            prompt.Select(id);
        }

        return await Console.AnswerAsync(prompt, invocation.Stop).ConfigureAwait(false);
    }

    private static string[]? Options(IReadOnlyList<string> chosen, int all) =>
        chosen.Count == 0 ? null : chosen.Count == all ? ["--all"] : [.. chosen.SelectMany(id => (string[])["--tenant", id])];
}
