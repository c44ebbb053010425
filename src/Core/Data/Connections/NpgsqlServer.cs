using Npgsql;

namespace Freehold.Core.Data.Connections;

/// <summary>A named PostgreSQL connection target, as the user registered it.</summary>
internal sealed record NpgsqlServer(string Name, string ConnectionString, Action<NpgsqlDataSourceBuilder>? Configure)
{
    /// <summary>The schema that does not exist: what a session without a tenant sees.</summary>
    public const string Nobody = "freehold_nobody";

    /// <summary>How many connections each of its pools has at most.</summary>
    public int MaxPoolSize => Configured().ConnectionStringBuilder.MaxPoolSize;

    /// <summary>What in the connection string would let a tenant's session leak, a sentence each.</summary>
    public IEnumerable<string> Defects()
    {
        NpgsqlConnectionStringBuilder settings;
        string? unreadable = null;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(ConnectionString);
        }
        catch (ArgumentException failure)
        {
            settings = [];
            unreadable = failure.Message;
        }

        return unreadable is not null
            ? [$"The connection string of server '{Name}' cannot be read: {unreadable}"]
            : Defects(settings);
    }

    /// <summary>The same of the settings that the user's own callback leaves behind.</summary>
    public IEnumerable<string> DefectsWhenConfigured() => Defects().Any() ? Defects() : Defects(Configured().ConnectionStringBuilder);

    /// <summary>A data source whose sessions start on the closed search path.</summary>
    public NpgsqlDataSource Open(string? database, string closedPath)
    {
        var builder = Configured();
        foreach (var defect in Defects(builder.ConnectionStringBuilder))
        {
            throw new MultiTenancyConfigurationException(defect);
        }

        builder.ConnectionStringBuilder.SearchPath = closedPath;
        builder.ConnectionStringBuilder.Database = database ?? builder.ConnectionStringBuilder.Database;
        return builder.Build();
    }

    /// <summary>The user's settings, those of the callback included.</summary>
    public NpgsqlDataSourceBuilder Configured()
    {
        var builder = new NpgsqlDataSourceBuilder(ConnectionString);
        Configure?.Invoke(builder);
        return builder;
    }

    private IEnumerable<string> Defects(NpgsqlConnectionStringBuilder settings)
    {
        if (string.IsNullOrEmpty(settings.Host))
        {
            yield return $"The connection string of server '{Name}' names no Host.";
        }

        if (settings.NoResetOnClose)
        {
            yield return $"Server '{Name}' has 'No Reset On Close=true': a session would keep its tenant's search path, role and locks for the next user "
                + "of the pool. Remove it.";
        }

        if (settings.Multiplexing)
        {
            yield return $"Server '{Name}' has 'Multiplexing=true': commands of different tenants would share a session. Remove it.";
        }

        if (!string.IsNullOrEmpty(settings.SearchPath) || settings.Options?.Contains("search_path", StringComparison.OrdinalIgnoreCase) == true)
        {
            yield return $"Server '{Name}' sets a search path in its connection string. Freehold sets it, to a schema that does not exist, so that a "
                + "session without a tenant reads nothing. Remove it.";
        }
    }
}
