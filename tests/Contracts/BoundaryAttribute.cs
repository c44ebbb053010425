using Xunit.v3;

namespace Freehold.Contracts;

/// <summary>
/// The cell of <c>docs/boundaries.md</c> that a class of tests proves: one per class that inherits a contract. Its tests carry the cell as
/// traits, so the report of a run says what was proven: <c>--filter-trait "boundary.host=MassTransit"</c> runs the cells of one host.
/// </summary>
/// <param name="host">Whose boundary it is: <c>MassTransit</c>.</param>
/// <param name="way">The way over it: <c>batch consumer</c>.</param>
/// <param name="over">What carries it, where there is a choice: <c>in memory</c>, <c>RabbitMQ</c>, <c>PostgreSQL</c>, <c>two processes, RabbitMQ</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BoundaryAttribute(string host, string way, string? over = null) : Attribute, ITraitAttribute
{
    public string Host { get; } = host;

    public string Way { get; } = way;

    public string? Over { get; } = over;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [new("boundary.host", Host), new("boundary.way", Way), new("boundary.over", Over ?? "")];
}
