using Freehold.Boundaries;

const string Without = "--without=";

// Renders docs/boundaries.md from the reports of a run of all tests (xunit's XML, one per assembly), or says in what the file differs.
// A host whose tests were left out of the run (--without) keeps the rows it has there.
if (args is not [var reports, var page, .. var options] || options.Any(option => option != "--write" && !option.StartsWith(Without, StringComparison.Ordinal)))
{
    await Console.Error.WriteLineAsync($"Usage: Freehold.Boundaries REPORTS PAGE [--write] [{Without}HOST]");
    return 2;
}

var committed = File.Exists(page) ? (await File.ReadAllTextAsync(page)).ReplaceLineEndings("\n") : "";
var kept = options.Where(option => option.StartsWith(Without, StringComparison.Ordinal)).Select(option => option[Without.Length..])
    .ToDictionary(host => host, host => Page.RowsOf(host, committed));
var rendered = Page.Render(Cell.ReadAll(reports), kept);
if (options.Contains("--write"))
{
    await File.WriteAllTextAsync(page, rendered);
    return 0;
}

if (committed == rendered)
{
    return 0;
}

var (before, now) = (committed.Split('\n'), rendered.Split('\n'));
await Console.Error.WriteLineAsync($"{page} is not what this run of the tests says (- committed, + now). If the tests are right: ./test --boundaries");
await Console.Error.WriteLineAsync(string.Join('\n', [.. before.Except(now).Select(line => $"- {line}"), .. now.Except(before).Select(line => $"+ {line}")]));
return 1;
