using System.Collections;

namespace Freehold.Core.Telemetry;

/// <summary>A tenant as logger providers read it: a scope with one property.</summary>
internal sealed class TenantLogScope(string tenantId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly string _text = $"tenant {tenantId}";

    public int Count => 1;

    public KeyValuePair<string, object?> this[int index] => index == 0 ? Property : throw new ArgumentOutOfRangeException(nameof(index));

    private KeyValuePair<string, object?> Property => new(TenantTelemetry.TenantId, tenantId);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return Property;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;
}
