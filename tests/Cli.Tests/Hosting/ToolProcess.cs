using System.Diagnostics;

namespace Freehold.Cli.Tests.Hosting;

/// <summary>A process of the tool.</summary>
public sealed class ToolProcess : IDisposable
{
    private static readonly string Folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    private readonly Process _process;

    private ToolProcess(Process process) => _process = process;

    /// <summary>The tool as it was built, with what it brings and nothing else beside it.</summary>
    public static string Tool { get; } = Built("Cli", "freehold.dll");

    /// <summary>The application as it was built.</summary>
    public static string Application { get; } = Built("Cli.Host", "Freehold.Cli.Host.dll");

    public static ToolProcess Start(IEnumerable<string> args, params (string Name, string Value)[] environment) => Start("dotnet", [Tool, .. args], null, environment);

    /// <summary>Starts another program; standard input is held.</summary>
    public static ToolProcess Start(string program, IEnumerable<string> args, string? folder, params (string Name, string Value)[] environment)
    {
        // What a shell starts in the background without job control ignores Ctrl-C, and so does all that comes from it: tests in CI, too.
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : program, OperatingSystem.IsLinux() ? ["--default-signal=INT", program, .. args] : args)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!);
    }

    public static async Task<Ran> RunAsync(IEnumerable<string> args, params (string Name, string Value)[] environment)
    {
        using var process = Start(args, environment);
        return await process.EndAsync();
    }

    public void Type(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>Reads standard error up to a line with that text.</summary>
    public async Task<string> MessageAsync(string text)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The process ended without '{text}': {await _process.StandardOutput.ReadToEndAsync()}");
    }

    /// <summary>Reads standard output until that text has come.</summary>
    public async Task OutputAsync(string text)
    {
        var (all, buffer) = ("", new char[1024]);
        while (!all.Contains(text, StringComparison.Ordinal))
        {
            var count = await _process.StandardOutput.ReadAsync(buffer);
            all = count > 0 ? all + new string(buffer, 0, count) : throw new InvalidOperationException($"The process ended without '{text}': {all}");
        }
    }

    /// <summary>Sends a signal to the process at the prompt alone.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async Task<Ran> EndAsync()
    {
        var texts = await Task.WhenAll(_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
        await _process.WaitForExitAsync();
        return new(_process.ExitCode, texts[0], texts[1]);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static string Built(string project, string file) => Path.GetFullPath(Path.Combine(Folder, "..", "..", project, Path.GetFileName(Folder), file));
}
