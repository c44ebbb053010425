using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Freehold.Cli.Output;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Freehold.Cli.Commands;

/// <summary>
/// SQL that is run by EF Core in a tenant's own context, as the application would: with its rights, on its search path, under its policies and limits.
/// </summary>
internal sealed class TenantSql(string sql, Type contextType)
{
    private readonly ConcurrentBag<TenantRows> _results = [];

    /// <summary>What came back, in the order of tenants' ids.</summary>
    public IReadOnlyList<TenantRows> Results => [.. _results.OrderBy(result => result.Tenant, StringComparer.Ordinal)];

    /// <summary>The application's DbContext of that name, or its only one.</summary>
    /// <exception cref="ToolException">There is none, or several and none was named.</exception>
    public static Type ContextOf(IServiceProvider services, string? name)
    {
        var known = services.GetServices<DbContextOptions>().Select(options => options.ContextType).Distinct().OrderBy(type => type.Name, StringComparer.Ordinal).ToArray();
        var names = string.Join(", ", known.Select(type => type.Name));
        var named = name is null ? known : [.. known.Where(type => type.Name == name || type.FullName == name)];
        return named switch
        {
            [var one] => one,
            [] when name is not null => throw ToolException.Usage($"--context {name}: the application has {names}."),
            [] => throw ToolException.Unusable("The application has no DbContext. Register one with AddDbContext within AddMultiTenancy."),
            _ => throw ToolException.Usage($"The application has several contexts. Choose one with --context: {names}."),
        };
    }

    /// <summary>Runs it in the tenant that is current.</summary>
    public async Task RunAsync(Tenant tenant, IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = (DbContext)services.GetRequiredService(contextType);
        var command = context.GetService<IRawSqlCommandBuilder>().Build(sql);
        var parameters = new RelationalCommandParameterObject(
            context.GetService<IRelationalConnection>(), null, null, context, context.GetService<IRelationalCommandDiagnosticsLogger>(), CommandSource.ExecuteSqlRaw);
        var reader = await command.ExecuteReaderAsync(parameters, cancellationToken).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        var sets = new List<RowSet>();
        do
        {
            if (reader.DbDataReader.FieldCount > 0)
            {
                sets.Add(await ReadAsync(reader.DbDataReader, cancellationToken).ConfigureAwait(false));
            }
        }
        while (await reader.DbDataReader.NextResultAsync(cancellationToken).ConfigureAwait(false));

        _results.Add(new(tenant.Id.Value, Math.Max(0, reader.DbDataReader.RecordsAffected), sets));
    }

    /// <summary>A table of what came back, the tenants below each other.</summary>
    public void Draw(IAnsiConsole console)
    {
        var most = Results.Select(result => result.Sets.Count).DefaultIfEmpty().Max();
        for (var i = 0; i < most; i++)
        {
            var rows = Results.Where(result => result.Sets.Count > i).SelectMany(result => result.Sets[i].Rows.Select(row => (result.Tenant, row))).ToArray();
            var columns = Results.First(result => result.Sets.Count > i).Sets[i].Columns;
            console.DrawTable(
                rows,
                [
                    ("Tenant", row => Tables.Cell(row.Tenant)),
                    .. columns.Select((name, number) => (name, (Func<(string Tenant, IReadOnlyList<object?> row), Spectre.Console.Rendering.IRenderable?>)(row =>
                        Tables.Cell(Convert.ToString(row.row.ElementAtOrDefault(number), CultureInfo.InvariantCulture))))),
                ]);
        }
    }

    private static async Task<RowSet> ReadAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        var rows = new List<IReadOnlyList<object?>>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add([.. Enumerable.Range(0, columns.Length).Select(i => Value(reader.GetValue(i)))]);
        }

        return new(columns, rows);
    }

    // What JSON has: numbers, truth, text, nothing. All else in the form that does not depend on where one is.
    private static object? Value(object value) => value switch
    {
        DBNull => null,
        bool or byte or short or int or long or float or double or decimal or string => value,
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexString(bytes),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable many => many.Cast<object>().Select(Value).ToArray(),
        _ => value.ToString(),
    };
}

/// <summary>What came back from a tenant.</summary>
internal sealed record TenantRows(string Tenant, int RowsAffected, IReadOnlyList<RowSet> Sets);

/// <summary>What came back from a statement.</summary>
internal sealed record RowSet(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows);
