using System.Collections.Concurrent;

namespace Freehold.Contracts;

/// <summary>The visits of one host, by id. A visit's script is code of the near side, wherever the far side is.</summary>
public class VisitLog
{
    private readonly ConcurrentDictionary<Guid, Visit> _visits = new();
    private int _constructions;

    /// <summary>How many far sides were built.</summary>
    public int Constructions => Volatile.Read(ref _constructions);

    /// <summary>Plans a visit that looks around and then runs the script.</summary>
    public Visit Plan(Func<IFarSide, Task>? script = null)
    {
        var visit = new Visit(script ?? (_ => Task.CompletedTask));
        _visits[visit.Id] = visit;
        return visit;
    }

    public virtual Visit Find(Guid id) => _visits[id];

    internal virtual void CountConstruction() => Interlocked.Increment(ref _constructions);
}
