using Freehold.Cli.Interactive;

namespace Freehold.Cli.Commands;

/// <summary>No command: the menu, where somebody can choose.</summary>
internal sealed class MenuCommand(Func<Invocation, IReadOnlyList<string>, Task<int>> run) : ApplicationCommand("menu", "Choose what is to be done.")
{
    public override Task<int> RunAsync(Invocation invocation) => new Menu(invocation, args => run(invocation, args)).RunAsync();
}
