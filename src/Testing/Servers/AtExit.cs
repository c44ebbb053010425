using System.Collections.Concurrent;

namespace Freehold.Testing.Servers;

/// <summary>What is to be cleared away when this process ends by itself; last in, first out.</summary>
internal static class AtExit
{
    // xunit ends a process that takes ten seconds to go. What is left then ends by itself (servers) or stays (a user's databases).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private static readonly ConcurrentStack<Func<Task>> Actions = new();

    static AtExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) => RunAll();

    /// <summary>The environment variable that says: the servers that were given end with whoever gave them, so nothing on them needs clearing.</summary>
    public const string ThrowAwayVariable = "FREEHOLD_THROWAWAY";

    public static void Run(Func<Task> action) => Actions.Push(action);

    /// <summary>The same for what was made on a server that was given.</summary>
    public static void ClearGiven(Func<Task> action)
    {
        if (Environment.GetEnvironmentVariable(ThrowAwayVariable) != "1")
        {
            Run(action);
        }
    }

    private static void RunAll()
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (Environment.TickCount64 < deadline && Actions.TryPop(out var action))
        {
            try
            {
                Task.Run(action).Wait(Patience);
            }
            catch (AggregateException)
            {
                // The process is ending, and a server that is gone needs no clearing.
            }
        }
    }
}
