using System.Diagnostics;
using Freehold;
using Freehold.Shared;

// Runs a command with PostgreSQL and RabbitMQ at hand, given to it by environment variables, so that many processes share one of each.
// What was started ends with this process, and this process ends with the command, with the command's exit code.
if (args.Length == 0)
{
    await Console.Error.WriteLineAsync("Usage: Freehold.Servers COMMAND [ARGUMENT…]");
    return 2;
}

Console.CancelKeyPress += (_, e) => e.Cancel = true; // The command gets the signal as well, and is waited for.
try
{
    var rabbitStarting = RabbitServer.GetAsync();
    var postgres = await PostgresServer.GetAsync();
    var rabbit = await rabbitStarting;
    Console.WriteLine(postgres.Description);
    Console.WriteLine(rabbit.Description);
    var command = new ProcessStartInfo(args[0], args[1..]);
    command.Environment[PostgresServer.EnvironmentVariable] = postgres.ConnectionString;
    command.Environment[RabbitServer.EnvironmentVariable] = rabbit.Uri.OriginalString;
    command.Environment[PostgresServer.ThrowAwayVariable] = postgres.IsThrowAway && rabbit.IsThrowAway ? "1" : "0";
    using var running = Process.Start(command)!;
    await running.WaitForExitAsync();
    return running.ExitCode;
}
catch (ServerMissingException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 3;
}
