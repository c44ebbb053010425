using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Freehold.Benchmarks.Fleet;

/// <summary>drizzle-multitenant, in Node.js, with the SQL of the same migrations in files. Installed by npm beside what is built; where there is no npm, it is left out.</summary>
internal sealed class Drizzle
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private readonly string _folder;

    private Drizzle(string folder) => _folder = folder;

    /// <summary>Null where it cannot be had, which is said.</summary>
    public static async Task<Drizzle?> InstallAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Fleet", "drizzle");
        try
        {
            await RunAsync("npm", folder, "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent");
            return new(folder);
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException)
        {
            Report.Say($"drizzle-multitenant is left out: {failure.Message.Split('\n')[0]}");
            return null;
        }
    }

    public async Task<(TimeSpan Wall, TimeSpan Client)?> MigrateAsync(FleetDatabase database, bool isSecond, int parallelism)
    {
        var files = await WriteFilesAsync(isSecond);
        var server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var url = new UriBuilder("postgres", server.Host, server.Port, server.Database)
        {
            UserName = Uri.EscapeDataString(server.Username ?? ""), Password = Uri.EscapeDataString(server.Password ?? ""),
        };
        var said = await RunAsync("node", _folder, "migrate.mjs", url.ToString(), files, Units.Text($"{database.Tenants.Count}"), Units.Text($"{parallelism}"));
        var result = JsonSerializer.Deserialize<Result>(said, Web)!;
        return result.Succeeded == database.Tenants.Count
            ? (TimeSpan.FromMilliseconds(result.Milliseconds), TimeSpan.FromMilliseconds(result.ProcessorMilliseconds))
            : throw new InvalidOperationException($"drizzle-multitenant migrated {result.Succeeded} of {database.Tenants.Count} tenants: {result.Error}");
    }

    private async Task<string> WriteFilesAsync(bool isSecond)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, isSecond ? "second" : "first")).FullName;
        await using var context = FleetContexts.Open("Host=nowhere", isSecond);
        var (assembly, generator) = (context.GetService<IMigrationsAssembly>(), context.GetService<IMigrationsSqlGenerator>());
        foreach (var (id, type) in assembly.Migrations)
        {
            var commands = generator.Generate(assembly.CreateMigration(type, context.Database.ProviderName!).UpOperations);
            await File.WriteAllTextAsync(Path.Combine(folder, id + ".sql"), string.Concat(commands.Select(command => command.CommandText)));
        }

        return folder;
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
    }

    private sealed record Result(int Succeeded, string? Error, double Milliseconds, double ProcessorMilliseconds);
}
