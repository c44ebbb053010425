using System.Globalization;

namespace Freehold.Benchmarks.Measuring;

/// <summary>
/// What a server's processes have spent on processors, as Linux counts it (schedstat), where they are on this machine. Unlike the time that
/// passes, it does not grow with what else the machine does.
/// </summary>
/// <param name="find">Looks which processes there are by now.</param>
internal sealed class ServerProcesses(Func<Task<IReadOnlyList<int>>> find)
{
    private IReadOnlyList<int> _processes = [];

    /// <summary>Their processor time until now; not comparable over a <see cref="LookAsync"/>.</summary>
    public double Nanoseconds => _processes.Sum(Of);

    public async Task LookAsync() => _processes = await find();

    private static double Of(int process)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/schedstat"));
            return double.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
