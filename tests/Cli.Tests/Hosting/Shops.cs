using System.CommandLine;
using Freehold.Cli.Commands;
using Freehold.Cli.Host;
using Freehold.Cli.Loading;
using Freehold.Cli.Output;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Spectre.Console.Testing;

namespace Freehold.Cli.Tests.Hosting;

/// <summary>The application of Cli.Host with a database of its own: its commands are run in this process, or in one of their own as a user does.</summary>
public sealed class Shops : IAsyncDisposable
{
    public const string LastMigration = "20260103000000_Names";

    private readonly ServiceProvider _services;

    private Shops(string connectionString) =>
        (ConnectionString, _services) = (connectionString, (ServiceProvider)new ServiceCollection().AddShop(connectionString).BuildServiceProvider());

    public string ConnectionString { get; }

    public IServiceProvider Services => _services;

    public ITenantStore Store => _services.GetRequiredService<ITenantStore>();

    /// <summary>With these tenants, provisioned.</summary>
    public static async Task<Shops> OpenAsync(params string[] tenants)
    {
        var shops = new Shops(await (await PostgresServer.GetAsync()).CreateDatabaseAsync());
        foreach (var tenant in tenants)
        {
            await shops._services.GetRequiredService<ITenantProvisioner>().ProvisionAsync(new Tenant(tenant) { Tags = [tenant[..1]] });
        }

        return shops;
    }

    /// <summary>Runs a command in this process, without a terminal.</summary>
    public async Task<Ran> RunAsync(params string[] args)
    {
        var (output, messages) = (new TestConsole().Width(500), new TestConsole().Width(500));
        var exitCode = await RunAsync(new Terminal(output, messages, isInteractive: false, args.Contains("--json")), args);
        return new(exitCode, output.Output, messages.Output);
    }

    /// <summary>Runs a command at a terminal at which somebody has typed these keys.</summary>
    public async Task<Ran> TypeAsync(IEnumerable<ConsoleKeyInfo> keys, params string[] args)
    {
        var console = new TestConsole().Interactive().Width(110);
        foreach (var key in keys)
        {
            console.Input.PushKey(key);
        }

        return new(await RunAsync(new Terminal(console, console, isInteractive: true, isJson: false), args), console.Output, "");
    }

    /// <summary>Runs a command in a process of its own, as it is typed at a prompt.</summary>
    public Task<Ran> StartAsync(params string[] args) => ToolProcess.RunAsync([.. args, "--assembly", ToolProcess.Application], Environment);

    public (string Name, string Value)[] Environment => [(Shop.EnvironmentVariable, ConnectionString)];

    /// <summary>Makes a tenant as if it lacked the last migration.</summary>
    public Task UndoLastAsync(string tenant) => SqlAsync(
        $"""DROP INDEX "tenant_{tenant}"."IX_Goods_Name"; DELETE FROM "tenant_{tenant}"."__EFMigrationsHistory" WHERE "MigrationId" = '{LastMigration}'""");

    public async Task<object?> SqlAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public async Task<TenantState?> StateAsync(string tenant) => (await Store.FindAsync(TenantId.Parse(tenant)))?.State;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private Task<int> RunAsync(Terminal terminal, string[] args) => new Tool(terminal, new Here(terminal, _services)).RunAsync(args);

    private sealed class Here(Terminal terminal, IServiceProvider services) : IApplicationAccess
    {
        public Task<int> RunAsync(ApplicationCommand command, ParseResult arguments, IReadOnlyList<string> all, IReadOnlyList<string> applicationArguments) =>
            command.RunAsync(new(arguments, terminal, services, "Shop", Directory.GetCurrentDirectory(), CancellationToken.None));
    }
}
