using System.CommandLine;
using System.CommandLine.Help;

namespace QuickStart.Tour;

/// <summary>What was asked for on the command line.</summary>
internal sealed record Arguments(bool Postgres, bool RabbitMq, bool Serve)
{
    private const string About =
        "Two tenants place orders over HTTP; each order goes through the mediator, the bus and a background job, and every step reads and "
        + "writes its own tenant's data. Looks at the data from outside, and fails if one row is not where it belongs.";

    /// <summary>Answers <c>--help</c> and what it does not understand by itself; then there are no arguments but an exit code.</summary>
    public static (Arguments? Arguments, int ExitCode) Parse(string[] args)
    {
        var postgres = new Option<bool>("--postgres")
        {
            Description = "Keep data and jobs on PostgreSQL, a schema per tenant. Taken: FREEHOLD_POSTGRES (a connection string), "
                + "else local binaries, else a container. Without this: SQLite, a file per tenant.",
        };
        var rabbitMq = new Option<bool>("--rabbitmq")
        {
            Description = "Send messages over RabbitMQ. Taken: FREEHOLD_RABBITMQ (amqp://user:password@host:5672?management=15672), "
                + "else local binaries, else a container. Without this: in memory.",
        };
        var serve = new Option<bool>("--serve")
        {
            Description = "Leave the application running afterwards, and print what to send to it. Ctrl-C ends it.",
        };
        var command = new Command("./demo", About)
        {
            postgres, rabbitMq, serve, new HelpOption(), new Option<string>("--applicationName") { Hidden = true }, // what dotnet ef says
        };

        Arguments? parsed = null;
        command.SetAction(result => parsed = new(result.GetValue(postgres), result.GetValue(rabbitMq), result.GetValue(serve)));
        var exitCode = command.Parse(args).Invoke();
        return (parsed, exitCode);
    }
}
