using System.Text.Json;

namespace Freehold.Integrations.AspNetCore.Tests.Hosting;

/// <summary>What a client got.</summary>
internal sealed record Answer(int Status, string Body, string? ContentType, ILookup<string, string> Headers)
{
    /// <summary>The code of a problem, or null where this is none.</summary>
    public string? Code => ContentType == "application/problem+json" ? JsonDocument.Parse(Body).RootElement.GetProperty("code").GetString() : null;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
        response.Content.Headers.ContentType?.MediaType,
        response.Headers.SelectMany(header => header.Value.Select(value => (header.Key, value)))
            .ToLookup(header => header.Key, header => header.value, StringComparer.OrdinalIgnoreCase));

    public void ShouldBeTenant(string tenant) => (Status, Body).ShouldBe((200, tenant));

    public void ShouldBeRefused(int status, string code) => (Status, Code).ShouldBe((status, code), Body);
}
