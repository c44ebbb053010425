namespace Freehold.Docs.Tests;

public class SnippetTests
{
    public static TheoryData<string> Documents => new(Repository.CompiledDocuments.Where(document => Markdown.Blocks(Repository.Read(document)).Count > 0));

    public static TheoryData<string> Readmes => new(Repository.Documents.Where(document =>
        document is "README.md" || (document is ['s', 'r', 'c', '/', ..] && Path.GetFileName(document) is "README.md")));

    [Theory, MemberData(nameof(Documents))]
    public void Every_block_of_CSharp_is_compiled(string document) => NotCompiled(Repository.Read(document)).ShouldBeEmpty(
        $"These lines of {document} begin a block that stands, line by line, in no file of tests/Docs.Tests/Snippets. Put it there, so that it is compiled.");

    [Theory, MemberData(nameof(Documents))]
    public void Every_block_says_its_language(string document) => Markdown.Blocks(Repository.Read(document)).ShouldAllBe(block => block.Language != "");

    [Theory, MemberData(nameof(Readmes))]
    public void The_readme_of_repository_and_packages_shows_code(string document) =>
        Markdown.Blocks(Repository.Read(document)).ShouldContain(block => block.IsCSharp);

    [Fact]
    public void A_block_that_is_not_compiled_is_found()
    {
        const string line = "return $\"Welcome, {tenant.Name}.\";";

        NotCompiled(Snippet(line)).ShouldBeEmpty();
        NotCompiled(Snippet(line) + Snippet("return tenant.Surname;")).ShouldBe([4]);
        NotCompiled("Text\n" + Snippet(line, line)).ShouldBe([2]);
        NotCompiled(Snippet("")).ShouldBe([1]);
    }

    [Fact]
    public void Lines_are_compiled_one_after_the_other_or_not_at_all()
    {
        var code = new CompiledCode("Header(); \n\n  First();\r\n\tSecond(1,   2);\n// Third();\n");

        Contains("First();", "", "  Second(1, 2);").ShouldBeTrue();
        Contains("Header();").ShouldBeTrue();
        Contains("Second(1, 2);", "First();").ShouldBeFalse();
        Contains("Header();", "Second(1, 2);").ShouldBeFalse();
        Contains("Third();").ShouldBeFalse();
        Contains("Second").ShouldBeFalse();
        Contains("Second(1, 2);", "// Third();", "Fourth();").ShouldBeFalse();

        bool Contains(params string[] lines) => code.Contains(Markdown.Blocks(Snippet(lines)).Single());
    }

    [Theory]
    [InlineData("#if NEVER\nFirst();\n#endif")]
    [InlineData("/*\nFirst();\n*/")]
    [InlineData("var text = \"\"\"\n    First();\n    \"\"\";")]
    [InlineData("var text = @\"\nFirst();\n\";")]
    public void A_file_in_which_the_compiler_skips_lines_is_refused(string text) => Should.Throw<ArgumentException>(() => new CompiledCode(text));

    [Fact]
    public void Blocks_are_told_from_text_and_from_each_other()
    {
        const string text = """
            # Title `code` ```inline```
            ```csharp
            first();

              second( );
            ```
            - item
              ~~~ C#
              ```
              third();
              ~~~
            ```json
            {}
            ```
            ````cs title="a.cs"
            ```
            ````
            ```
            plain
            """;

        Markdown.Blocks(text).Select(block => (block.Line, block.Language, block.IsCSharp, string.Join('|', block.Lines))).ShouldBe([
            (2, "csharp", true, "first();|second( );"),
            (8, "c#", true, "```|third();"),
            (12, "json", false, "{}"),
            (15, "cs", true, "```"),
            (18, "", false, "plain"),
        ]);
    }

    private static int[] NotCompiled(string text)
    {
        var snippets = CompiledCode.Snippets();
        return [.. Markdown.Blocks(text).Where(block => block.IsCSharp && !snippets.Any(code => code.Contains(block))).Select(block => block.Line)];
    }

    private static string Snippet(params string[] lines) => $"```csharp\n{string.Join('\n', lines)}\n```\n";
}
