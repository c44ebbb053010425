using System.Globalization;
using System.Text.RegularExpressions;

namespace Freehold.Docs.Tests;

/// <summary>docs/leaks.md names tests that exist, and every case.</summary>
public partial class LeakTableTests
{
    private const string Page = "docs/leaks.md";
    private const int Cases = 30;

    private static readonly string[] Rows = [.. Repository.Read(Page).Split('\n').Where(line => Row().IsMatch(line))];

    [Fact]
    public void Every_case_has_a_row() => Rows.Select(row => int.Parse(Row().Match(row).Groups["case"].Value, CultureInfo.InvariantCulture)).ShouldBe(Enumerable.Range(1, Cases));

    [Fact]
    public void Every_test_that_it_names_is_a_class()
    {
        var classes = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Class().Matches(File.ReadAllText(file)).Select(found => found.Groups["name"].Value)).ToHashSet();

        Rows.SelectMany(row => Named().Matches(row[row.TrimEnd('|', ' ').LastIndexOf('|')..]).Select(name => name.Groups["name"].Value)).Distinct()
            .Where(name => !classes.Contains(name)).ShouldBeEmpty($"{Page} names tests that are no classes in tests.");
    }

    [GeneratedRegex(@"^\| (?<case>[0-9]+) \|")]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[A-Za-z]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"\bclass (?<name>[A-Za-z]+)")]
    private static partial Regex Class();
}
