using System.Xml.Linq;

namespace Freehold.Boundaries;

/// <summary>One way over a host's boundary on one carrier, and how often each test method of its classes passed or not.</summary>
internal sealed record Cell(string Host, string Way, string Over, IReadOnlyList<CellTest> Tests)
{
    public int Passed => Tests.Count(test => test.Passed);

    /// <summary>The cells in the reports of a folder. A class that two assemblies run (of two versions of a host) is one cell.</summary>
    public static IReadOnlyList<Cell> ReadAll(string folder) =>
    [
        .. Directory.GetFiles(folder, "*.xml").SelectMany(file => XDocument.Load(file).Descendants("test"))
            .Select(test => (Traits: test.Descendants("trait").ToLookup(Name("name"), Name("value")), Test: new CellTest(test)))
            .Where(one => one.Traits.Contains("boundary.host"))
            .GroupBy(one => (Host: one.Traits["boundary.host"].Single(), Way: one.Traits["boundary.way"].Single(), Over: one.Traits["boundary.over"].Single()))
            .Select(cell => new Cell(cell.Key.Host, cell.Key.Way, cell.Key.Over, [.. cell.Select(one => one.Test)])),
    ];

    private static Func<XElement, string> Name(string attribute) => element => (string)element.Attribute(attribute)!;
}

/// <summary>A test's run: its method, and whether it passed.</summary>
internal sealed record CellTest(string Method, bool Passed)
{
    public CellTest(XElement test) : this((string)test.Attribute("method")!, (string?)test.Attribute("result") == "Pass")
    {
    }
}
