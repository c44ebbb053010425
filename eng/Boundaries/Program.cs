using Freehold.Boundaries;

// Renders docs/boundaries.md from the reports of a run of all tests (xunit's XML, one per assembly), or says in what the file differs.
if (args is not [var reports, var page, .. ["--write"] or []])
{
    await Console.Error.WriteLineAsync("Usage: Freehold.Boundaries REPORTS PAGE [--write]");
    return 2;
}

var rendered = Page.Render(Cell.ReadAll(reports));
if (args is [_, _, "--write"])
{
    await File.WriteAllTextAsync(page, rendered);
    return 0;
}

var committed = File.Exists(page) ? (await File.ReadAllTextAsync(page)).ReplaceLineEndings("\n") : "";
if (committed == rendered)
{
    return 0;
}

var (before, now) = (committed.Split('\n'), rendered.Split('\n'));
await Console.Error.WriteLineAsync($"{page} is not what this run of the tests says (- committed, + now). If the tests are right: ./test --boundaries");
await Console.Error.WriteLineAsync(string.Join('\n', [.. before.Except(now).Select(line => $"- {line}"), .. now.Except(before).Select(line => $"+ {line}")]));
return 1;
