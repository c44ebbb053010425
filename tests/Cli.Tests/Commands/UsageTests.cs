using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Commands;

/// <summary>What is typed wrongly is a sentence and exit code 2, and nothing is done.</summary>
public class UsageTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "migrate --all --parallel abc", "--parallel abc: it must be a whole number, 1 or more." },
        { "migrate --all --parallel 0", "--parallel 0: it must be a whole number, 1 or more." },
        { "seed --all --max-failures -1", "--max-failures -1: it must be a whole number, 0 or more." },
        { "migrate", "Say --tenant, --tag or --all" },
        { "migrate --target Weights --yes", "Say --tenant, --tag or --all" },
        { "seed", "Say --tenant, --tag or --all" },
        { "migrate --tenant acme --all", "--all excludes --tenant and --tag." },
        { "migrate --tenant nobody", "There is no tenant 'nobody'." },
        { "migrate --all --exclude nobody", "There is no tenant 'nobody'." },
        { "migrate --all --canary nobody", "There is no tenant 'nobody'." },
        { "migrate --tenant a/b", "'a/b' cannot be a tenant's id" },
        { "status --tag a,b", "--tag a,b: a tag has 1 to 63 letters" },
        { "migrate --all --wave 50% --wave 10%", "--wave 10%: a share is from 1% to 100%" },
        { "migrate --all --wave 10% --wave beta", "waves are tags, each once, and then shares" },
        { "migrate --all --mark-applied --repair", "exclude each other" },
        { "migrate --all --edited perhaps", "--edited perhaps: it must be one of warn, refuse, accept." },
        { "run --all", "Which SQL? Say either --sql or --file." },
        { "run --all --file nowhere.sql", "--file nowhere.sql: " },
        { "run --all --sql x --context Other", "--context Other: the application has ShopDb." },
        { "provision acme --server eu", "Say --isolation, too." },
        { "provision acme --isolation wall", "--isolation wall: it must be one of database, schema, row." },
        { "provision acme globex --name Acme", "are for one tenant" },
        { "provision con", "'con' cannot be a tenant's id" },
        { "provision", "Required argument missing" },
        { "list --state gone", "--state gone: it must be one of active" },
        { "list --project x --assembly y", "--project and --assembly exclude each other." },
        { "completion tcsh", "it must be one of bash, zsh, fish, pwsh." },
        { "migrat", "Unrecognized command or argument 'migrat'." },
        { "", "Which command? The menu needs a terminal." },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task It_is_refused(string typed, string expected)
    {
        await using var shops = await Shops.OpenAsync();

        var ran = await shops.RunAsync([.. typed.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--json"]);

        ran.ExitCode.ShouldBe(2, ran.ToString());
        ran.Messages.ShouldContain(expected);
        ran.Document.GetProperty("error").GetString()!.ShouldContain(expected);
    }

    [Fact]
    public async Task A_tenant_in_a_state_for_which_it_cannot_be_done_is_a_finding()
    {
        await using var shops = await Shops.OpenAsync("acme");
        await shops.RunAsync("drop", "acme", "--yes");

        var ran = await shops.RunAsync("suspend", "acme");

        ran.ExitCode.ShouldBe(1, ran.ToString());
        ran.Messages.ShouldContain("'acme'");
    }
}
