using System.Buffers.Text;

namespace Freehold;

/// <summary>The keys that tenants are signed with where they cross from process to process; see <see cref="TenantSigningExtensions.SignTenants"/>.</summary>
/// <remarks>
/// To change the key without downtime: add the new one to <see cref="Keys"/> in every process, then name it as <see cref="SigningKey"/>
/// in every process, then remove the old one when all that it signed has arrived (mind scheduled jobs and error queues). With
/// <c>services.Configure&lt;TenantSigningOptions&gt;(section)</c> reloads of the configuration are followed while the process runs.
/// </remarks>
public sealed class TenantSigningOptions
{
    internal const int MinSecretBytes = 32;

    /// <summary>
    /// The secrets, by an id of up to 32 ASCII letters, digits, '-' and '_' that travels with each signature. A secret is at least 32 random
    /// bytes in Base64 (<c>openssl rand -base64 32</c>). All of them are accepted; one of them signs.
    /// </summary>
    public IDictionary<string, string> Keys { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The id of the key that signs. May be left out where there is only one.</summary>
    public string? SigningKey { get; set; }

    /// <summary>
    /// Until then what carries no signature is believed as if signing were off, so that signing can be turned on process by process. Null (the
    /// default): nothing unsigned is believed. Whoever can write to the wire can leave a signature off, so keep it short.
    /// </summary>
    public DateTimeOffset? AcceptUnsignedUntil { get; set; }

    internal bool IsOn { get; set; }

    /// <summary>The rules these options break, a sentence each, without any secret.</summary>
    internal IEnumerable<string> Defects()
    {
        if (Keys.Count == 0)
        {
            yield return "SignTenants was called without a key. Add one to TenantSigningOptions.Keys (openssl rand -base64 32).";
        }

        foreach (var (id, secret) in Keys)
        {
            if (!TenantSignature.IsKeyId(id))
            {
                yield return $"TenantSigningOptions.Keys has the id '{id}'; an id is 1 to 32 ASCII letters, digits, '-' or '_'.";
            }
            else if (!Base64.IsValid(secret, out var bytes) || bytes < MinSecretBytes)
            {
                yield return $"TenantSigningOptions.Keys['{id}'] is not the Base64 of at least {MinSecretBytes} bytes. "
                    + "Make one with openssl rand -base64 32.";
            }
        }

        if (SigningKey is null && Keys.Count > 1)
        {
            yield return "TenantSigningOptions.Keys has several keys. Name the one that signs as SigningKey.";
        }
        else if (SigningKey is not null && !Keys.ContainsKey(SigningKey))
        {
            yield return $"TenantSigningOptions.SigningKey is '{SigningKey}', which is not among Keys. Add it there, or name one that is.";
        }
    }
}
