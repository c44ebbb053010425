using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Web;

namespace Freehold.Shared;

/// <summary>The few calls of RabbitMQ's management plugin that are needed here.</summary>
internal sealed class RabbitManagement
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Uri _address;

    public RabbitManagement(Uri broker)
    {
        var user = broker.UserInfo.Split(':', 2);
        User = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : "guest";
        Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "guest";
        var port = HttpUtility.ParseQueryString(broker.Query)["management"] ?? "15672";
        _address = new($"http://{broker.Host}:{port}/api/");
    }

    public string User { get; }

    public string Password { get; }

    public async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = Connect();
            using var response = await client.GetAsync("whoami");
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public async Task CreateVirtualHostAsync(string name)
    {
        using var client = Connect();
        using var created = await client.PutAsync($"vhosts/{name}", null);
        created.EnsureSuccessStatusCode();
        using var permitted = await client.PutAsJsonAsync(
            $"permissions/{name}/{Uri.EscapeDataString(User)}", new { configure = ".*", write = ".*", read = ".*" });
        permitted.EnsureSuccessStatusCode();
    }

    public async Task DeleteVirtualHostAsync(string name)
    {
        using var client = Connect();
        using var deleted = await client.DeleteAsync($"vhosts/{name}");
    }

    private HttpClient Connect()
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _address, Timeout = Patience };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
        return client;
    }
}
