using Freehold.Operations.Migrating;

namespace Freehold.Operations.Running;

/// <summary>What the words of <see cref="TenantMigrationOptions"/> mean.</summary>
internal static class TargetFinder
{
    // Of an id as EF makes it: year to second, and an underscore.
    private const int TimestampLength = 14;

    /// <exception cref="MultiTenancyConfigurationException">There is no such context or migration, or there are several.</exception>
    public static MigrationTarget Find(TenantMigrationOptions options, IReadOnlyList<ContextScripts> contexts)
    {
        if (options is { Target: null, Context: null })
        {
            return MigrationTarget.Latest;
        }

        var names = string.Join(", ", contexts.Select(context => context.Name));
        var named = contexts.Where(context => options.Context is null || context.Name == options.Context || context.FullName == options.Context).ToArray();
        var context = named switch
        {
            [var one] => one,
            [] => throw Refused(nameof(options.Context), options.Context, $"no context of tenants' own tables is called that. There are: {names}"),
            _ => throw Refused(nameof(options.Context), options.Context, $"{nameof(options.Target)} is one context's. Name it; there are: {names}"),
        };
        return new(context.Name, options.Target is null ? null : IdOf(options.Target, context));
    }

    private static string IdOf(string target, ContextScripts context)
    {
        if (target == MigrationTarget.Nothing)
        {
            return target;
        }

        var ids = context.Ids.Where(id => id.Equals(target, StringComparison.OrdinalIgnoreCase)).ToArray();
        var found = ids.Length > 0 ? ids : [.. context.Ids.Where(id => NameOf(id).Equals(target, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [var one] => one,
            [] => throw Refused(nameof(TenantMigrationOptions.Target), target, $"{context.Name} has no such migration. It has: {string.Join(", ", context.Ids)}"),
            _ => throw Refused(nameof(TenantMigrationOptions.Target), target, $"{context.Name} has several of that name. Give the id: {string.Join(", ", found)}"),
        };
    }

    private static string NameOf(string id) =>
        id.Length > TimestampLength && id[TimestampLength] == '_' && id.AsSpan(0, TimestampLength).IndexOfAnyExceptInRange('0', '9') < 0 ? id[(TimestampLength + 1)..] : id;

    private static MultiTenancyConfigurationException Refused(string option, string? value, string because) =>
        new($"TenantMigrationOptions.{option} is {(value is null ? "null" : $"'{value}'")}: {because}.");
}
