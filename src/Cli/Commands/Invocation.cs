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
    public ITenantStore Store => Get<ITenantStore>();

    public ITenantOperations Operations => Get<ITenantOperations>();

    public ITenantProvisioner Provisioner => Get<ITenantProvisioner>();

    /// <exception cref="ToolException">The application does not have it.</exception>
    public T Get<T>() where T : notnull => Services.GetService<T>() ?? throw ToolException.Unusable(
        $"{Application} has no {typeof(T).Name}. Call AddOperations() within AddMultiTenancy; 'freehold init' shows how.");

    public T? Value<T>(Option<T> option) => Arguments.GetValue(option);

    public string PathOf(string typed) => Path.GetFullPath(typed, Folder);
}
