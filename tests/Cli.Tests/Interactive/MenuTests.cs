using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Interactive;

public class MenuTests
{
    private const int Migrate = 2;
    private const int Provision = 3;
    private const int Drop = 9;

    [Fact]
    public async Task Who_lacks_something_is_chosen_with_its_number_and_migrated_and_the_menu_comes_back()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex", "initech");
        await shops.UndoLastAsync("globex");
        await shops.UndoLastAsync("initech");

        // All are chosen at first: the second of them is not wanted.
        var ran = await shops.TypeAsync([.. Choose(Migrate), Key(ConsoleKey.DownArrow), Key(ConsoleKey.DownArrow), Key(ConsoleKey.Spacebar), Enter, Escape]);

        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Output.ShouldContain("initech  1 migration pending");
        ran.Output.ShouldContain("› freehold migrate --tenant globex");
        ran.Output.ShouldContain("1 done");
        (await shops.RunAsync("status", "--tenant", "globex")).ExitCode.ShouldBe(0);
        (await shops.RunAsync("status", "--tenant", "initech")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_tenant_is_provisioned_and_dropped_by_typing_its_id()
    {
        await using var shops = await Shops.OpenAsync();

        var ran = await shops.TypeAsync([.. Choose(Provision), .. Text("acme"), Enter, .. Choose(Drop), Enter, .. Text("acme"), Enter, Escape]);

        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Output.ShouldContain("acme is active.");
        ran.Output.ShouldContain("acme is dropped.");
        (await shops.StateAsync("acme")).ShouldBe(TenantState.Deleted);
    }

    [Fact]
    public async Task Escape_goes_back_and_leaves_and_nothing_is_done()
    {
        await using var shops = await Shops.OpenAsync("acme");
        await shops.UndoLastAsync("acme");

        var ran = await shops.TypeAsync([.. Choose(Migrate), Escape, .. Choose(Drop), Escape, .. Choose(Drop), Enter, .. Text("acne"), Enter, Escape]);

        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Output.ShouldContain("Nothing was dropped.");
        (await shops.StateAsync("acme")).ShouldBe(TenantState.Active);
        (await shops.RunAsync("status")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_command_for_all_is_asked_for_and_no_is_the_default()
    {
        await using var shops = await Shops.OpenAsync("acme");
        await shops.UndoLastAsync("acme");

        var no = await shops.TypeAsync([Enter], "migrate");
        var yes = await shops.TypeAsync([Key(ConsoleKey.DownArrow), Enter], "migrate");

        no.Output.ShouldContain("Migrate all 1 tenant of Shop?");
        no.Output.ShouldContain("Nothing was done.");
        yes.Output.ShouldContain("1 done");
    }

    /// <summary>In a real terminal, which <c>script</c> makes.</summary>
    [Theory, InlineData("\u001b", 0), InlineData("\u0003", 130)]
    public async Task At_a_terminal_there_is_a_menu_and_Escape_and_Ctrl_C_leave_it_with_the_cursor_shown(string key, int exitCode)
    {
        await using var shops = await Shops.OpenAsync("acme");
        using var terminal = ToolProcess.Start("script", ["-qec", $"dotnet '{ToolProcess.Tool}' --assembly '{ToolProcess.Application}'", "/dev/null"], null, [.. shops.Environment, ("TERM", "xterm")]);

        await terminal.OutputAsync("what is to be done?");
        terminal.Type(key);
        var ran = await terminal.EndAsync();

        ran.ExitCode.ShouldBe(exitCode, ran.ToString());
        ran.Output.ShouldContain("\u001b[?25h");
    }

    private static ConsoleKeyInfo Enter => Key(ConsoleKey.Enter);

    private static ConsoleKeyInfo Escape => Key(ConsoleKey.Escape);

    private static ConsoleKeyInfo Key(ConsoleKey key) => new((char)key, key, shift: false, alt: false, control: false);

    private static IEnumerable<ConsoleKeyInfo> Choose(int item) => [.. Enumerable.Repeat(Key(ConsoleKey.DownArrow), item), Enter];

    private static IEnumerable<ConsoleKeyInfo> Text(string text) => text.Select(letter => new ConsoleKeyInfo(letter, 0, shift: false, alt: false, control: false));
}
