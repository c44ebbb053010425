using Npgsql;

namespace Freehold.Core.Data.Connections;

/// <summary>A named PostgreSQL connection target, as the user registered it.</summary>
internal sealed record NpgsqlServer(string Name, string ConnectionString, Action<NpgsqlDataSourceBuilder>? Configure, NpgsqlServerOptions Options)
{
    /// <summary>The schema that does not exist: what a session without a tenant sees.</summary>
    public const string Nobody = "freehold_nobody";

    /// <summary>How many connections each of its pools has at most.</summary>
    public int MaxPoolSize => Configured().ConnectionStringBuilder.MaxPoolSize;

    /// <summary>Whether a session is somebody else's after every transaction.</summary>
    public bool IsPooled => Options.Pooler == PoolerMode.Transaction;

    /// <summary>What in the connection strings would let a tenant's session leak, a sentence each.</summary>
    public IEnumerable<string> Defects() =>
        Read("The connection string", ConnectionString, out var settings) is { } unreadable ? [unreadable] : Defects(settings).Concat(MigrationDefects());

    /// <summary>The same of the settings that the user's own callback leaves behind.</summary>
    public IEnumerable<string> DefectsWhenConfigured() => Defects().Any() ? Defects() : Defects(Configured().ConnectionStringBuilder);

    /// <summary>A data source whose sessions start on the closed search path: by itself, or behind a pooler by the role's default.</summary>
    public NpgsqlDataSource Open(string? database, string closedPath, Action<NpgsqlDataSourceBuilder>? change = null)
    {
        var builder = Configured();
        var settings = builder.ConnectionStringBuilder;
        foreach (var defect in Defects(settings))
        {
            throw new MultiTenancyConfigurationException(defect);
        }

        if (IsPooled)
        {
            // A reset would be a statement more, run in whatever session comes next.
            settings.NoResetOnClose = true;
        }
        else
        {
            settings.SearchPath = closedPath;
        }

        settings.Database = database ?? settings.Database;
        change?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>The settings of connections that administrate.</summary>
    public NpgsqlConnectionStringBuilder Administrative()
    {
        // As the user's callback leaves them; a password provider or certificate set there does not reach these connections.
        var own = Configured().ConnectionStringBuilder;
        if (Options.MigrationConnectionString is null)
        {
            return own;
        }

        var settings = new NpgsqlConnectionStringBuilder(Options.MigrationConnectionString);
        settings.Database ??= own.Database;
        return settings;
    }

    /// <summary>The application's role, where another one migrates and has to give it rights; null where it migrates itself.</summary>
    /// <exception cref="MultiTenancyConfigurationException">The connection string does not say who it is.</exception>
    public string? Grantee()
    {
        if (Options.MigrationConnectionString is null)
        {
            return null;
        }

        var role = Configured().ConnectionStringBuilder.Username ?? throw new MultiTenancyConfigurationException(
            $"The connection string of server '{Name}' names no Username, so the role of MigrationConnectionString cannot give it rights. Name it.");
        return role == Administrative().Username ? null : role;
    }

    /// <summary>Why nothing can be provisioned or migrated on this server, or null.</summary>
    public string? AdministrativeDefect() => IsPooled && Options.MigrationConnectionString is null
        ? $"Server '{Name}' is behind a pooler, and provisioning and migrating need a session of their own. Set NpgsqlServerOptions.MigrationConnectionString "
            + "to a connection straight to PostgreSQL."
        : null;

    /// <summary>The user's settings, those of the callback included.</summary>
    public NpgsqlDataSourceBuilder Configured()
    {
        var builder = new NpgsqlDataSourceBuilder(ConnectionString);
        Configure?.Invoke(builder);
        return builder;
    }

    private string? Read(string what, string connectionString, out NpgsqlConnectionStringBuilder settings)
    {
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
            return null;
        }
        catch (ArgumentException failure)
        {
            settings = [];
            return $"{what} of server '{Name}' cannot be read: {failure.Message}";
        }
    }

    private IEnumerable<string> MigrationDefects()
    {
        if (Options.MigrationConnectionString is null)
        {
            if (Options.RolePerTenant)
            {
                yield return $"Server '{Name}' has RolePerTenant and no MigrationConnectionString: the application's role would own what its tenants' roles shall "
                    + "not reach. Set NpgsqlServerOptions.MigrationConnectionString to a role that may create roles.";
            }
        }
        else if (Read("The MigrationConnectionString", Options.MigrationConnectionString, out var settings) is { } unreadable)
        {
            yield return unreadable;
        }
        else if (string.IsNullOrEmpty(settings.Host) || SetsSearchPath(settings))
        {
            yield return $"The MigrationConnectionString of server '{Name}' names no Host, or sets a search path, which is Freehold's to set. Correct it.";
        }
    }

    private static bool SetsSearchPath(NpgsqlConnectionStringBuilder settings) =>
        !string.IsNullOrEmpty(settings.SearchPath) || settings.Options?.Contains("search_path", StringComparison.OrdinalIgnoreCase) == true;

    private IEnumerable<string> Defects(NpgsqlConnectionStringBuilder settings)
    {
        if (string.IsNullOrEmpty(settings.Host))
        {
            yield return $"The connection string of server '{Name}' names no Host.";
        }

        if (settings.NoResetOnClose && !IsPooled)
        {
            yield return $"Server '{Name}' has 'No Reset On Close=true': a session would keep its tenant's search path, role and locks for the next user "
                + "of the pool. Remove it.";
        }

        if (IsPooled && settings.MaxAutoPrepare > 0)
        {
            yield return $"Server '{Name}' is behind a pooler and has 'Max Auto Prepare': a statement prepared in one session would be looked for in another. Remove it.";
        }

        if (settings.Multiplexing)
        {
            yield return $"Server '{Name}' has 'Multiplexing=true': commands of different tenants would share a session. Remove it.";
        }

        if (SetsSearchPath(settings))
        {
            yield return $"Server '{Name}' sets a search path in its connection string. Freehold sets it, to a schema that does not exist, so that a "
                + "session without a tenant reads nothing. Remove it.";
        }
    }
}
