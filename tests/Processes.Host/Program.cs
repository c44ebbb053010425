using System.Globalization;
using System.Text.Json;
using Freehold.Processes.Host;
using Freehold.Processes.Host.Fleet;

if (args is [var what, var connectionString, var count])
{
    await FleetProcess.RunAsync(what, connectionString, int.Parse(count, CultureInfo.InvariantCulture));
    return;
}

// Starts a host for every line of settings on standard input, and ends with it: that is, with the process that holds its other end.
while (await Console.In.ReadLineAsync() is { } line)
{
    _ = FarHost.RunAsync(JsonSerializer.Deserialize<HostSettings>(line)!);
}

Environment.Exit(0);
