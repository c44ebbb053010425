using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Freehold.Cli.Commands;
using Freehold.Cli.Loading;
using Freehold.Cli.Output;

namespace Freehold.Cli;

/// <summary>The tool: its commands, and how each of them is run.</summary>
/// <param name="terminal">Where it prints.</param>
/// <param name="access">How it comes to the application's services.</param>
internal sealed class Tool(Terminal terminal, IApplicationAccess access)
{
    private static readonly InvocationConfiguration Plain = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    /// <summary>Runs what was typed.</summary>
    /// <returns>The exit code; <see cref="ExitCode"/> has them all.</returns>
    public Task<int> RunAsync(IReadOnlyList<string> args)
    {
        string[] own = [.. args.TakeWhile(arg => arg != "--")];
        string[] application = [.. args.Skip(own.Length + 1)];
        return RunAsync(own, (command, arguments) => access.RunAsync(command, arguments, own, application));
    }

    private static ApplicationCommand[] ApplicationCommands =>
    [
        new ListCommand(), new ProvisionCommand(), new MigrateCommand(), new StatusCommand(), new SeedCommand(), new DiffCommand(), new DoctorCommand(), new RunCommand(),
        new SuspendCommand(), new ResumeCommand(), new DropCommand(), new SparesCommand(), new MigrationsCommand(),
    ];

    private static PromptCommand[] PromptCommands => [new InitCommand(), new CompletionCommand()];

    private async Task<int> RunAsync(string[] args, Func<ApplicationCommand, ParseResult, Task<int>> run)
    {
        var parsed = Root(run).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Action is ParseErrorAction
            ? Fail(parsed, ToolException.Usage($"{Errors(parsed)}\nSee {Path(parsed.CommandResult)} --help."))
            : await parsed.InvokeAsync(Plain).ConfigureAwait(false);
    }

    private RootCommand Root(Func<ApplicationCommand, ParseResult, Task<int>> run)
    {
        var root = new RootCommand("The tenants of an application, one or thousands: provision, migrate, seed, compare, drop. Without a command, on a terminal: a menu.");
        foreach (var option in ApplicationOptions.All)
        {
            root.Add(option);
        }

        foreach (var command in ApplicationCommands)
        {
            command.SetAction((arguments, _) => ExplainedAsync(arguments, () => run(command, arguments)));
            root.Add(command);
        }

        foreach (var command in PromptCommands)
        {
            command.SetAction((arguments, stop) => ExplainedAsync(arguments, () => command.RunAsync(arguments, terminal, stop)));
            root.Add(command);
        }

        root.SetAction((arguments, _) => ExplainedAsync(arguments, () => terminal.IsInteractive
            ? run(new MenuCommand(RunInMenuAsync), arguments)
            : throw ToolException.Usage("Which command? The menu needs a terminal. See freehold --help.")));
        return root;
    }

    private Task<int> RunInMenuAsync(Invocation menu, IReadOnlyList<string> args) => RunAsync([.. args], (command, arguments) => command.RunAsync(menu with { Arguments = arguments }));

    private async Task<int> ExplainedAsync(ParseResult arguments, Func<Task<int>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception failure) when (Failures.Explain(failure) is { } explained)
        {
            return Fail(arguments, explained);
        }
    }

    private int Fail(ParseResult arguments, ToolException failure)
    {
        terminal.SayError(arguments.GetValue(ApplicationOptions.Verbose) ? $"{failure.Message}\n{failure.InnerException}" : failure.Message);
        if (terminal.IsJson)
        {
            terminal.Show(new Document(arguments.CommandResult.Command.Name) { Error = failure.Message }, static _ => { });
        }

        return failure.ExitCode;
    }

    // That a command is missing goes without saying where what stands in its place is no command.
    private static string Errors(ParseResult parsed)
    {
        var errors = parsed.Errors.Where(error => error.SymbolResult is not CommandResult || parsed.UnmatchedTokens.Count == 0 || error.Message.Contains('\'', StringComparison.Ordinal));
        return string.Join('\n', errors.Select(error => error.Message).Distinct());
    }

    private static string Path(CommandResult command) => string.Join(' ', new[] { (command.Parent as CommandResult)?.Command.Name, command.Command.Name }.Where(name => name is not null));
}
