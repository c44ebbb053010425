using System.Data.Common;
using Freehold.Core.Data;
using Freehold.Operations.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations.Migrating;

/// <summary>The migrations of all contexts, by what of a site can change their SQL: whose tables they are, and whether others have rows there.</summary>
internal sealed class MigrationScripts(IServiceProvider services, IEnumerable<ContextRegistration> registrations)
{
    private readonly (bool IsShared, ContextMigrator Migrator)[] _migrators =
        [.. registrations.Select(context => (context.IsForSharedTables, ContextMigrator.Of(services, context.Type)))];

    private readonly Dictionary<(bool IsShared, bool IsByRow), IReadOnlyList<ContextScripts>> _made = [];
    private readonly Lock _making = new();

    public bool HasSharedContexts => _migrators.Any(context => context.IsShared);

    /// <summary>The contexts of a site, in the order in which they were registered.</summary>
    /// <param name="site">Whose; its own contexts are made as for this one.</param>
    /// <param name="connection">To its database; stays closed if it is.</param>
    /// <exception cref="MultiTenancyConfigurationException">The migrations of a context cannot work.</exception>
    public IReadOnlyList<ContextScripts> Of(Site site, DbConnection connection)
    {
        var kind = (site.Tenant is null, site.IsByRow);
        lock (_making)
        {
            if (!_made.TryGetValue(kind, out var made))
            {
                made = [.. _migrators.Where(context => context.IsShared == kind.Item1).Select(context => Describe(context.Migrator, site, connection))];
                RefuseTwins(made);
                _made[kind] = made;
            }

            return made;
        }
    }

    /// <summary>The SQL of a context's migrations, to be executed.</summary>
    /// <exception cref="MultiTenancyConfigurationException">A migration cannot be reverted.</exception>
    public IReadOnlyList<MigrationScript> Of(ContextScripts context, IReadOnlyList<MigrationMove> moves, Site site, DbConnection connection)
    {
        using var scope = services.CreateScope();
        return context.Of(moves, () => Open(context.Migrator, site, connection, scope.ServiceProvider));
    }

    /// <summary>The same, to be looked at.</summary>
    public IReadOnlyList<MigrationScript> Described(ContextScripts context, IReadOnlyList<MigrationMove> moves, Site site, DbConnection connection)
    {
        using var scope = services.CreateScope();
        return context.Described(moves, () => Open(context.Migrator, site, connection, scope.ServiceProvider));
    }

    // What contexts get injected sees the tenant whose tables these are; or none.
    private static DbContext Open(ContextMigrator migrator, Site site, DbConnection connection, IServiceProvider scope)
    {
        using var ambient = site.Tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(site.Tenant);

        // All tenants are described by the first that comes, and a spare lacks EF's own seeding.
        return migrator.Open(site.IsSpare ? site with { Tenant = site.Tenant! with { State = TenantState.Active } } : site, connection, scope);
    }

    private ContextScripts Describe(ContextMigrator migrator, Site site, DbConnection connection)
    {
        using var scope = services.CreateScope();
        using var context = Open(migrator, site, connection, scope.ServiceProvider);
        return new(migrator, context);
    }

    // EF knows an applied migration by its id alone: of two contexts with one history table the second would be skipped.
    private static void RefuseTwins(IReadOnlyList<ContextScripts> contexts)
    {
        var owners = new Dictionary<(string History, string Id), string>();
        foreach (var context in contexts)
        {
            foreach (var id in context.Ids)
            {
                if (!owners.TryAdd((context.History, id), context.Name))
                {
                    throw new MultiTenancyConfigurationException(
                        $"{owners[(context.History, id)]} and {context.Name} both have a migration '{id}' in the history table '{context.History}', so the second would never "
                        + "be applied. Give one of them a table of its own with MigrationsHistoryTable.");
                }
            }
        }
    }
}
