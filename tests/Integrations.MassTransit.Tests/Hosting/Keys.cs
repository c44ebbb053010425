using System.Security.Cryptography;

namespace Freehold.Integrations.MassTransit.Tests.Hosting;

/// <summary>Keys of this run, by id.</summary>
public static class Keys
{
    private static readonly Dictionary<string, string> Secrets = new[] { "old", "new" }
        .ToDictionary(id => id, _ => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

    public static string Secret(string id) => Secrets[id];

    /// <summary>Believes all of these, signs with the last.</summary>
    public static Action<TenantSigningOptions> Use(params string[] ids) => signing =>
    {
        foreach (var id in ids)
        {
            signing.Keys[id] = Secrets[id];
        }

        signing.SigningKey = ids[^1];
    };
}
