using System.CommandLine;
using Freehold.Cli.Output;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Cli.Commands;

/// <summary>A command that runs, and what it has to work with.</summary>
/// <param name="Arguments">What was typed.</param>
/// <param name="Terminal">Where to print.</param>
/// <param name="Services">The application's services.</param>
/// <param name="Application">Its name.</param>
/// <param name="Folder">Where the tool was called: to it paths are relative.</param>
/// <param name="Stop">Cancelled by Ctrl-C.</param>
internal sealed record Invocation(ParseResult Arguments, Terminal Terminal, IServiceProvider Services, string Application, string Folder, CancellationToken Stop)
{
    /// <summary>The application's own arguments.</summary>
    public IReadOnlyList<string> ApplicationArguments { get; init; } = [];

    public ITenantStore Store => Get<ITenantStore>();

    public ITenantOperations Operations => Get<ITenantOperations>();

    public ITenantProvisioner Provisioner => Get<ITenantProvisioner>();

    public string CommandName => Arguments.CommandResult.Command.Name;

    /// <exception cref="ToolException">The application does not have it.</exception>
    public T Get<T>() where T : notnull => Services.GetService<T>() ?? throw ToolException.Unusable(
        $"{Application} has no {typeof(T).Name}. Call AddOperations() within AddMultiTenancy; 'freehold init' shows how.");

    public T? Value<T>(Option<T> option) => Arguments.GetValue(option);

    public T? Value<T>(Argument<T> argument) => Arguments.GetValue(argument);

    public string PathOf(string typed) => Path.GetFullPath(typed, Folder);

    /// <summary>The tenant of an id that was typed.</summary>
    /// <exception cref="ToolException">It is no id, or nobody has it.</exception>
    public async Task<Tenant> TenantAsync(string typed)
    {
        var id = TenantId.TryParse(typed, out var valid) ? valid : throw ToolException.Usage(new InvalidTenantIdException(typed, "it breaks a rule of ids").Message);
        return await Store.FindAsync(id, Stop).ConfigureAwait(false)
            ?? throw ToolException.Usage($"There is no tenant '{typed}'. 'freehold list' shows them; 'freehold provision {typed}' makes it.");
    }

    /// <inheritdoc cref="TenantAsync"/>
    public async Task<IReadOnlyList<TenantId>> TenantsAsync(IEnumerable<string> typed)
    {
        var ids = new List<TenantId>();
        foreach (var text in typed.Distinct())
        {
            ids.Add((await TenantAsync(text).ConfigureAwait(false)).Id);
        }

        return ids;
    }

    /// <summary>All tenants in one of these states.</summary>
    public Task<IReadOnlyList<Tenant>> TenantsInAsync(IEnumerable<TenantState> states) => TenantsAsync(tenant => states.Contains(tenant.State));

    /// <summary>All tenants of whom something is true.</summary>
    public async Task<IReadOnlyList<Tenant>> TenantsAsync(Func<Tenant, bool> isMeant)
    {
        var tenants = new List<Tenant>();
        await foreach (var tenant in Store.ListAsync(Stop).ConfigureAwait(false))
        {
            if (isMeant(tenant))
            {
                tenants.Add(tenant);
            }
        }

        return tenants;
    }
}
