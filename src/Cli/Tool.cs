using System.CommandLine;
using System.CommandLine.Parsing;
using Freehold.Cli.Commands;
using Freehold.Cli.Loading;
using Freehold.Cli.Output;

namespace Freehold.Cli;

/// <summary>The tool: its commands, and how each of them is run.</summary>
internal sealed class Tool(Terminal terminal, IApplicationAccess access)
{
    /// <summary>Runs what was typed.</summary>
    /// <returns>The exit code; <see cref="ExitCode"/> has them all.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        string[] own = [.. args.TakeWhile(arg => arg != "--")];
        string[] application = [.. args.Skip(own.Length + 1)];
        var root = Root((command, arguments) => RunAsync(command, arguments, own, application));
        var parsed = root.Parse(own, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
        {
            var errors = parsed.Errors.Select(error => error.Message).Distinct();
            return Fail(parsed, ToolException.Usage($"{string.Join('\n', errors)}\nSee {Path(parsed.CommandResult)} --help."));
        }

        return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
    }

    private static RootCommand Root(Func<ApplicationCommand, ParseResult, Task<int>> run)
    {
        var root = new RootCommand("Freehold: the tenants of an application, one or thousands. Without a command, on a terminal, a menu.");
        foreach (var option in ApplicationOptions.All)
        {
            root.Add(option);
        }

        foreach (ApplicationCommand command in (ApplicationCommand[])
        [
            new ListCommand(), new ProvisionCommand(), new MigrateCommand(), new StatusCommand(), new DiffCommand(), new DoctorCommand(), new RunCommand(),
        ])
        {
            command.SetAction((arguments, _) => run(command, arguments));
            root.Add(command);
        }

        return root;
    }

    private async Task<int> RunAsync(ApplicationCommand command, ParseResult arguments, string[] own, string[] application)
    {
        try
        {
            return await access.RunAsync(command, arguments, own, application).ConfigureAwait(false);
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

    private static string Path(CommandResult command) => string.Join(' ', new[] { (command.Parent as CommandResult)?.Command.Name, command.Command.Name }.Where(name => name is not null));
}
