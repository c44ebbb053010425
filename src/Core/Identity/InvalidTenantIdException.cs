namespace Freehold;

/// <summary>A text cannot be a tenant's id. Thrown where tenants are made; a boundary answers <c>TENANT_UNKNOWN</c> instead.</summary>
public sealed class InvalidTenantIdException : FormatException
{
    /// <summary>For the text and the rule it breaks.</summary>
    public InvalidTenantIdException(string? text, string defect)
        : base($"'{Shown(text)}' cannot be a tenant's id: {defect}. Choose another id, or change TenantNamingOptions before there are tenants.") =>
        Defect = defect;

    /// <summary>The rule it breaks, as half a sentence.</summary>
    public string Defect { get; }

    // What came from outside is shown short and without anything that could forge a line of a log.
    internal static string Shown(string? text)
    {
        var cut = text is { Length: > Freehold.TenantId.MaxLength } ? string.Concat(text.AsSpan(0, Freehold.TenantId.MaxLength), "…") : text ?? "";
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = source[i] is >= ' ' and <= '~' or '…' ? source[i] : '?';
            }
        });
    }
}
