using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Freehold.Packages.Tests;

/// <summary>What is inside a package and its symbols.</summary>
public sealed class Package
{
    private readonly string _file;

    private readonly XElement _metadata;

    public Package(string file)
    {
        _file = file;
        using var archive = ZipFile.OpenRead(file);
        using var nuspec = archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        _metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        Files = [.. archive.Entries.Select(entry => entry.FullName).Where(IsContent).Order(StringComparer.Ordinal)];
    }

    public string Id => this["id"];

    public string Version => this["version"];

    public bool IsTool => _metadata.Descendants().Any(element => element.Name.LocalName == "packageType" && element.Attribute("name")!.Value == "DotnetTool");

    /// <summary>Paths inside the package, without what the packaging format adds.</summary>
    public IReadOnlyList<string> Files { get; }

    public IEnumerable<(string Id, string Version, string? Framework)> Dependencies => _metadata.Descendants()
        .Where(element => element.Name.LocalName == "dependency")
        .Select(element => (element.Attribute("id")!.Value, element.Attribute("version")!.Value, element.Parent!.Attribute("targetFramework")?.Value));

    public IEnumerable<string> FrameworkReferences =>
        _metadata.Descendants().Where(element => element.Name.LocalName == "frameworkReference").Select(element => element.Attribute("name")!.Value);

    /// <summary>The text of an element of the nuspec.</summary>
    public string this[string name] => _metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

    public string? LicenseType => _metadata.Elements().Single(element => element.Name.LocalName == "license").Attribute("type")?.Value;

    public string Text(string path) => new StreamReader(new MemoryStream(Bytes(_file, path))).ReadToEnd();

    /// <summary>Whether the compiler made no use of time and chance.</summary>
    public bool IsDeterministic()
    {
        using var assembly = new PEReader(new MemoryStream(Bytes(_file, $"lib/net10.0/{Id}.dll")));
        return assembly.ReadDebugDirectory().Any(entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    /// <summary>The source files named by the symbols that belong to the assembly.</summary>
    public IReadOnlyList<string> Sources()
    {
        using var assembly = new PEReader(new MemoryStream(Bytes(_file, $"lib/net10.0/{Id}.dll")));
        var codeView = assembly.ReadCodeViewDebugDirectoryData(assembly.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.CodeView));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(
            new MemoryStream(Bytes(Path.ChangeExtension(_file, ".snupkg"), $"lib/net10.0/{Id}.pdb")));
        var reader = symbols.GetMetadataReader();
        new BlobContentId(reader.DebugMetadataHeader!.Id).Guid.ShouldBe(codeView.Guid);
        return [.. reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)), codeView.Path];
    }

    private static bool IsContent(string path) =>
        path is not ("_rels/.rels" or "[Content_Types].xml")
        && !path.StartsWith("package/", StringComparison.Ordinal)
        && !path.EndsWith(".nuspec", StringComparison.Ordinal);

    private static byte[] Bytes(string file, string path)
    {
        using var archive = ZipFile.OpenRead(file);
        using var entry = archive.GetEntry(path)?.Open() ?? throw new FileNotFoundException($"{Path.GetFileName(file)} has no {path}.");
        using var bytes = new MemoryStream();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }
}
