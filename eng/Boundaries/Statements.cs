using System.Globalization;
using System.Reflection;
using Freehold.Contracts;
using Xunit;

namespace Freehold.Boundaries;

/// <summary>The statements of the contract, in the order of its source.</summary>
internal static class Statements
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. typeof(TenantPropagationContract).GetMethods()
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .OrderBy(method => method.MetadataToken)
            .Select(method => method.Name),
    ];

    public static string Sentence(string method) => method.Replace('_', ' ') + ".";

    /// <summary>Which of them hold in a cell: every test of theirs was run and passed.</summary>
    public static string HoldingIn(Cell cell)
    {
        var run = cell.Tests.ToLookup(test => test.Method);
        var open = All.Index().Where(statement => !run.Contains(statement.Item) || !run[statement.Item].All(test => test.Passed)).ToArray();
        return open.Length switch
        {
            0 => $"all {All.Count}",
            _ when !All.Any(run.Contains) => "tests of its own",
            _ => $"{All.Count - open.Length} of {All.Count}, not {string.Join(", ", open.Select(statement => (statement.Index + 1).ToString(CultureInfo.InvariantCulture)))}",
        };
    }
}
