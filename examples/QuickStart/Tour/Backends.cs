using Hangfire;
using Hangfire.PostgreSql;
using Microsoft.AspNetCore.DataProtection;

namespace QuickStart.Tour;

/// <summary>What would be in the way of reading Program.cs.</summary>
internal static class Backends
{
    /// <summary>A free port on loopback; warnings only, beside the output; nothing left in the user's home (keys of tokens).</summary>
    public static void ListenQuietly(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Logging.ClearProviders()
            .SetMinimumLevel(LogLevel.Warning)
            // Containers of the SDK set HTTP_PORTS, which is overruled here.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Error)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    /// <summary>Where jobs are kept. An application of your own has one storage and names it in AddHangfire.</summary>
    public static IGlobalConfiguration UseStorage(this IGlobalConfiguration hangfire, string? postgresConnection) =>
        postgresConnection is null
            ? hangfire.UseInMemoryStorage()
            : hangfire.UsePostgreSqlStorage(
                storage => storage.UseNpgsqlConnection(postgresConnection),
                new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromMilliseconds(200) });
}
