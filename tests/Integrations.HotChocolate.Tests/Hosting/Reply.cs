using System.Net.Http.Headers;
using System.Text.Json;

namespace Freehold.Integrations.HotChocolate.Tests.Hosting;

/// <summary>What a GraphQL client got.</summary>
internal sealed record Reply(int Status, JsonElement Body, HttpResponseHeaders Headers)
{
    public JsonElement Data => Body.TryGetProperty("data", out var data) && !HasErrors ? data : throw new ShouldAssertException(Body.ToString());

    public bool HasErrors => Body.TryGetProperty("errors", out _);

    /// <summary>The code of the first error, or of a problem; null where there is none.</summary>
    public string? Code => CodeOf(Body);

    public static string? CodeOf(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (body.TryGetProperty("errors", out var errors))
        {
            return errors[0].TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("code", out var code)
                ? code.GetString() : $"no code: {errors}";
        }

        return body.TryGetProperty("code", out var problem) ? problem.GetString() : null;
    }
}
