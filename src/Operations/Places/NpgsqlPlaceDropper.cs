using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Archiving;
using Freehold.Operations.Migrating;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>Drops schemas and databases that are marked as their tenants', and rows.</summary>
internal sealed class NpgsqlPlaceDropper(DatabaseProvider provider, TenantNamingOptions names, NpgsqlRoles roles, TenantOperationsOptions options)
{
    public async Task<bool> CanDropAsync(Site site, CancellationToken cancellationToken)
    {
        var (kind, name) = Target(site.Placement!);
        var connection = await provider.OpenAsync(site.Placement, maintenance: true, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        if (site.Placement!.Database is { } database
            && !(await Ownership.OfDatabaseAsync(connection, database, cancellationToken).ConfigureAwait(false)).Exists)
        {
            return false;
        }

        var claim = kind == Ownership.Database
            ? await Ownership.OfDatabaseAsync(connection, name, cancellationToken).ConfigureAwait(false)
            : await provider.AskAsync(site.Placement, there => Ownership.OfSchemaAsync(there, name, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (!claim.Exists && provider.HasRole(site.Placement))
        {
            return await roles.HasAsync(connection, site, cancellationToken).ConfigureAwait(false);
        }

        // Also what is marked as a spare's still, because a claim was cut off: the record names it, and no other one does. And what an earlier drop left.
        return !claim.Exists || claim.IsOf(site) || (claim.Dropped == site.Id!.Value.Value && !site.IsByRow) || (claim.Spare is not null && !site.IsByRow) ? claim.Exists : throw Ownership.Foreign(site, kind, name, claim);
    }

    /// <summary>Marks what is there as something that is being dropped, or as what it was.</summary>
    /// <returns>The mark that it had; null where it is not there, or is a place of rows.</returns>
    public async Task<string?> MarkAsync(Site site, string mark, CancellationToken cancellationToken)
    {
        if (site.IsByRow)
        {
            return null;
        }

        var (kind, name) = Target(site.Placement!);
        var connection = await provider.OpenAsync(site.Placement, maintenance: kind == Ownership.Database, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var claim = kind == Ownership.Database
            ? await Ownership.OfDatabaseAsync(connection, name, cancellationToken).ConfigureAwait(false)
            : await Ownership.OfSchemaAsync(connection, name, cancellationToken).ConfigureAwait(false);
        if (claim.Exists)
        {
            await connection.ExecuteAsync(Ownership.MarkSql(kind, name, mark), options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
        }

        return claim.Mark;
    }

    public async Task<bool> DropAsync(Site site, NpgsqlContent? content, CancellationToken cancellationToken)
    {
        var (kind, name) = Target(site.Placement!);
        if (kind == Ownership.Database)
        {
            provider.Forget(site.Placement!);

            // A database cannot be dropped in a transaction: who writes after this has come past the record, which says for long that the tenant is gone.
            if (content is not null && !await provider.AskAsync(site.Placement!, there => IsSameAsync(there, content, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        var connection = await provider.OpenAsync(site.Placement, maintenance: kind == Ownership.Database, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var wait = Math.Max(1, (long)options.LockTimeout.TotalMilliseconds);
        await connection.ExecuteAsync($"SET lock_timeout = {wait}", options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
        if (site.IsByRow)
        {
            return await RowsOfTenant.DeleteAsync(
                (NpgsqlConnection)connection, site.Tenant!.Id, names.TenantColumn, content, options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
        }

        if (kind == Ownership.Database)
        {
            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {SqlText.Identifier(name)} WITH (FORCE)", options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
        }
        else if (!await DropSchemaAsync(connection, name, content, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (provider.HasRole(site.Placement))
        {
            await roles.DropAsync(connection, site, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private static (string Kind, string Name) Target(ResolvedPlacement placement) =>
        placement.Isolation == Isolation.Database ? (Ownership.Database, placement.Database!) : (Ownership.Schema, placement.Schema!);

    // In one transaction with a last look at what was archived, behind locks: nobody writes in between.
    private async Task<bool> DropSchemaAsync(DbConnection connection, string name, NpgsqlContent? content, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        if (content is not null)
        {
            await connection.ExecuteAsync(content.LockSql, options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
            if (!await content.IsSameAsync((NpgsqlConnection)connection, options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        await connection.ExecuteAsync(
            $"DROP SCHEMA IF EXISTS {SqlText.Identifier(name)} CASCADE; {StepJournal.ForgetSchemaSql(name)}", options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> IsSameAsync(DbConnection connection, NpgsqlContent content, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        return await content.IsSameAsync((NpgsqlConnection)connection, options.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
    }
}
