using System.Data.Common;
using Freehold.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Operations.Tests.Hosting;

public enum Kind
{
    Schemas,
    Databases,
    Files,
    Rows,
}

/// <summary>An application with tenants of one kind, in a database or directory of its own.</summary>
public sealed class Fleet : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly DirectoryInfo? _directory;

    private readonly Kind _kind;
    private readonly string _prefix;

    private Fleet(ServiceProvider services, Kind kind, string prefix, DirectoryInfo? directory, string? connectionString)
    {
        _kind = kind;
        _prefix = prefix;
        _services = services;
        _directory = directory;
        ConnectionString = connectionString;
    }

    public string? ConnectionString { get; }

    /// <summary>The application's role, where it is not the server's own.</summary>
    public string? Role { get; private init; }

    public string Directory => _directory!.FullName;

    public IServiceProvider Services => _services;

    public ITenantProvisioner Provisioner => _services.GetRequiredService<ITenantProvisioner>();

    public ITenantOperations Operations => _services.GetRequiredService<ITenantOperations>();

    public ITenantStore Store => _services.GetRequiredService<ITenantStore>();

    public ITenantRegistry Registry => _services.GetRequiredService<ITenantRegistry>();

    /// <summary>Plans and runs the migrations of these tenants.</summary>
    public async Task<TenantOperationResult> MigrateAsync(TenantSelection? tenants = null, TenantRunOptions? options = null) =>
        await Operations.MigrateAsync(await Operations.PlanMigrationAsync(tenants), options);

    /// <summary>The same places with another version of the application, which takes them over: the earlier one ends with it.</summary>
    public Task<Fleet> LaterAsync(Action<MultiTenancyBuilder> configure) => StartAsync(_kind, configure, ConnectionString, Role, this);

    public static async Task<Fleet> StartAsync(
        Kind kind, Action<MultiTenancyBuilder> configure, string? connectionString = null, string? role = null, Fleet? earlier = null)
    {
        var directory = earlier is not null ? earlier._directory : kind == Kind.Files ? System.IO.Directory.CreateTempSubdirectory("freehold") : null;
        var database = kind == Kind.Files ? null : connectionString ?? await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        // Databases live on the server and not in the test's own database, so their names must be the test's own.
        var outside = database;
        role = kind == Kind.Rows && role is null ? await PlainRoleAsync(database!) : role;
        database = role is null ? database : new NpgsqlConnectionStringBuilder(database) { Username = role, Password = "app" }.ConnectionString;
        var (migrates, works) = kind == Kind.Rows
            ? (database, PostgresServer.As(await (await PostgresServer.GetAsync()).CreateRoleAsync(), database!))
            : (null, database);
        var prefix = earlier is not null ? earlier._prefix : $"t{Guid.NewGuid().ToString("N")[..10]}_";
        var services = new ServiceCollection().AddMultiTenancy(tenancy =>
        {
            if (directory is not null)
            {
                tenancy.UseSqlite(directory.FullName);
            }
            else
            {
                tenancy.UseNpgsql(works!, source => source.MapEnum<Models.Mood>("types.mood"), server => server.MigrationConnectionString = migrates)
                    .IsolateBy(IsolationOf(kind))
                    .ConfigureNaming(naming =>
                    {
                        naming.DatabaseTemplate = prefix + TenantNamingOptions.IdToken;
                        naming.TypesSchema = "types";
                    });
            }

            configure(tenancy);
        });
        return new Fleet(services.BuildServiceProvider(validateScopes: true), kind, prefix, directory, outside) { Role = role };
    }

    /// <summary>A role that policies bind, and that may make schemas, as the owner of its tables.</summary>
    private static async Task<string> PlainRoleAsync(string connectionString)
    {
        var role = $"freehold_app_{Guid.NewGuid():N}";
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand($"CREATE ROLE {role} LOGIN PASSWORD 'app'; GRANT CREATE ON DATABASE {settings.Database} TO {role}");
        await command.ExecuteNonQueryAsync();
        return role;
    }

    private static Isolation IsolationOf(Kind kind) => kind switch
    {
        Kind.Schemas => Isolation.Schema,
        Kind.Rows => Isolation.Row,
        _ => Isolation.Database,
    };

    public async Task<T> InAsync<TContext, T>(string tenant, Func<TContext, Task<T>> work) where TContext : DbContext
    {
        var recorded = await Store.FindAsync(TenantId.Parse(tenant)) ?? new Tenant(tenant);
        await using var context = _services.GetRequiredService<ITenantDbContextFactory<TContext>>().Create(recorded);
        return await work(context);
    }

    /// <summary>A connection from outside, on the search path of the tenant.</summary>
    public async Task<DbConnection> ConnectAsync(string tenant)
    {
        DbConnection connection = _directory is not null
            ? new SqliteConnection($"Data Source={Path.Combine(Directory, tenant + ".db")};Pooling=false")
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString)
            {
                Pooling = false,
                Database = _kind == Kind.Databases ? DatabaseOf(tenant) : new NpgsqlConnectionStringBuilder(ConnectionString).Database,
                SearchPath = _kind switch { Kind.Databases => "public", Kind.Rows => "tenants", _ => $"\"tenant_{tenant}\"" },
            }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async Task<object?> SqlAsync(string tenant, string sql)
    {
        await using var connection = await ConnectAsync(tenant);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    public async Task<string[]> TablesAsync(string tenant)
    {
        await using var connection = await ConnectAsync(tenant);
        await using var command = connection.CreateCommand();
        command.CommandText = connection is NpgsqlConnection
            ? "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 1"
            : "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '__EFMigrationsLock' ORDER BY 1";
        await using var reader = await command.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await reader.ReadAsync())
        {
            tables.Add(reader.GetString(0));
        }

        return [.. tables];
    }

    /// <summary>Whether the tenant's schema, database or file is there.</summary>
    public async Task<bool> ExistsAsync(string tenant)
    {
        if (_directory is not null)
        {
            return _directory.GetFiles(tenant + ".db*").Length > 0;
        }

        await using var source = NpgsqlDataSource.Create(ConnectionString!);
        await using var command = source.CreateCommand(
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) OR EXISTS (SELECT FROM pg_namespace WHERE nspname = $2)");
        command.Parameters.Add(new() { Value = DatabaseOf(tenant) });
        command.Parameters.Add(new() { Value = $"tenant_{tenant}" });
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    public string DatabaseOf(string tenant) => _directory is null ? _prefix + tenant : tenant + ".db";

    public async ValueTask DisposeAsync()
    {
        foreach (var tenant in await Store.ListAsync().ToListAsync())
        {
            if (_kind == Kind.Databases && tenant.Placement is null)
            {
                await Provisioner.DropAsync(tenant);
            }
        }

        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (_directory is not null && System.IO.Directory.Exists(_directory.FullName))
        {
            _directory.Delete(recursive: true);
        }
    }
}
