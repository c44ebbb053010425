using Hangfire.Common;
using Hangfire.Server;
using Hangfire.Storage;

namespace Freehold.Integrations.Hangfire;

/// <summary>Reads the texts that Freehold writes into a job.</summary>
internal static class JobParameters
{
    /// <summary>A parameter of the job that runs; as old as the job's fetching where the storage has read them all by then.</summary>
    public static string? Read(PerformContext context, string name) => context.BackgroundJob.ParametersSnapshot is { } snapshot
        ? Text(snapshot.GetValueOrDefault(name), name)
        : Read(context.Connection, context.BackgroundJob.Id, name);

    public static string? Read(IStorageConnection connection, string jobId, string name) => Text(connection.GetJobParameter(jobId, name), name);

    /// <summary>The text for people, who are to see what is wrong with it too.</summary>
    public static string? Shown(string? json)
    {
        try
        {
            return Text(json, TenantHeader.Name);
        }
        catch (TenantUnknownException)
        {
            return json;
        }
    }

    /// <summary>The text that Hangfire keeps as JSON.</summary>
    /// <exception cref="TenantUnknownException">It is no text.</exception>
    private static string? Text(string? json, string name)
    {
        // Ids and signatures need nothing of Hangfire's reader, which takes kilobytes a call.
        if (json is ['"', .., '"'] && !json.AsSpan(1, json.Length - 2).ContainsAny('"', '\\'))
        {
            return json[1..^1];
        }

        try
        {
            return SerializationHelper.Deserialize<string>(json, SerializationOption.User);
        }
        catch (Exception)
        {
            throw TenantUnknownException.NotBelieved(json!, $"the job's parameter {name} is no JSON text");
        }
    }
}
