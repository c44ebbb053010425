using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Loading;

public class CompletionTests
{
    [Theory]
    [InlineData("freehold mig", "migrate,migrations")]
    [InlineData("freehold migrate --dry", "--dry-run")]
    [InlineData("freehold list --state sus", "suspended")]
    public async Task Bash_completes_by_the_script(string line, string expected)
    {
        var words = line.Split(' ');
        var script = $"""
            freehold() {"{"} dotnet '{ToolProcess.Tool}' "$@"; {"}"}
            source <(freehold completion bash)
            complete -p freehold >&2
            COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=({line}) COMP_CWORD={words.Length - 1}
            _freehold
            (IFS=,; echo "${"{"}COMPREPLY[*]{"}"}")
            """;

        using var bash = ToolProcess.Start("bash", ["-c", script], null);
        var ran = await bash.EndAsync();

        ran.Output.Trim().ShouldBe(expected, ran.ToString());
        ran.Messages.ShouldContain("_freehold freehold");
    }

    [Theory, InlineData("bash"), InlineData("zsh"), InlineData("fish"), InlineData("pwsh")]
    public async Task There_is_a_script_for_each_shell(string shell) =>
        (await ToolProcess.RunAsync(["completion", shell])).Output.ShouldContain("freehold");
}
