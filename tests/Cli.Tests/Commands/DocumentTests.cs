using System.Text.Json;
using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Commands;

/// <summary>What programs read: its shape is held by Documents.approved.txt.</summary>
public class DocumentTests
{
    private static readonly string[][] Commands =
    [
        ["list"],
        ["status"],
        ["migrate", "--dry-run"],
        ["migrate", "--all"],
        ["seed", "--all"],
        ["diff"],
        ["doctor"],
        ["run", "--all", "--sql", "SELECT 1 AS one"],
        ["suspend", "acme"],
        ["resume", "acme"],
        ["spares", "--keep", "1"],
        ["provision", "umbrella", "--isolation", "schema"],
        ["provision", "initech", "hooli"],
        ["drop", "umbrella", "--yes"],
        ["init"],
        ["suspend", "nobody"],
    ];

    [Fact]
    public async Task Documents_have_the_approved_shape()
    {
        await using var shops = await Shops.OpenAsync("acme", "globex");
        await shops.UndoLastAsync("acme");
        await shops.SqlAsync("""ALTER TABLE "tenant_globex"."Goods" ADD COLUMN "Extra" int""");

        var shapes = new List<string>();
        foreach (var command in Commands)
        {
            var ran = await shops.RunAsync([.. command, "--json"]);
            shapes.Add($"{string.Join(' ', command)}\n{string.Concat(Shape(ran.Document, "").Distinct().Select(line => $"  {line}\n"))}");
        }

        Approved.ShouldBeApproved(string.Join('\n', shapes), "Documents.approved.txt");
    }

    private static IEnumerable<string> Shape(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Shape(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}")),
        JsonValueKind.Array when element.GetArrayLength() == 0 => [$"{path}[]"],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Shape(item, $"{path}[]")),
        JsonValueKind.True or JsonValueKind.False => [$"{path}: true or false"],
        var kind => [$"{path}: {kind.ToString().ToLowerInvariant()}"],
    };
}
