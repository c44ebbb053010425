using System.Text.Json;

namespace Freehold.Integrations.HotChocolate.Tests.Hosting;

/// <summary>A subscription over Server-Sent Events.</summary>
internal sealed class SentEvents : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private SentEvents(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    public int Status => (int)_response.StatusCode;

    public static async Task<SentEvents> OpenAsync(GraphQLApp app, string? tenant, string query, object? variables = null)
    {
        var response = await app.SendAsync(tenant, new { query, variables }, "text/event-stream", TestContext.Current.CancellationToken);
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next result; null where the stream is complete.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        while (await _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Contracts.Visit.Patience) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal) && line.Length > 6)
            {
                return JsonDocument.Parse(line[5..]).RootElement;
            }

            if (line.StartsWith('{'))
            {
                return JsonDocument.Parse(line).RootElement;
            }

            if (line == "event: complete")
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The next result, which has to come.</summary>
    public async Task<JsonElement> RequiredAsync() => await NextAsync() ?? throw new ShouldAssertException($"The stream has ended, with status {Status}.");

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
