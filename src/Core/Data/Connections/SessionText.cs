using System.Text;
using Freehold.Core.Placement;

namespace Freehold.Core.Data.Connections;

/// <summary>
/// The statement that makes a session a tenant's, without a result of its own, so that it can stand before any other. Behind a pooler it ends
/// with its transaction, which may be no more than the message it is sent in: in a block, because SET LOCAL by itself warns there.
/// </summary>
internal sealed class SessionText(bool isPooled)
{
    private readonly StringBuilder _text = new();

    public void Set(string setting, string value) => Append($"{setting} TO {value}");

    public void SetRole(string role) => Append($"ROLE {SqlText.Identifier(role)}");

    public override string ToString() =>
        isPooled && _text.Length > 0 ? $"DO LANGUAGE plpgsql {SqlText.Literal($"BEGIN {_text} END")};" : _text.ToString();

    private void Append(string assignment) => _text.Append(isPooled ? "SET LOCAL " : "SET ").Append(assignment).Append(';');
}
