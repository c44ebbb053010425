using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Says of every entity that is about to be saved whose it is: what was attached, or found by reference, has it from nowhere else. So an UPDATE or
/// DELETE by a foreign key value finds no row. Comes after the user's interceptors, which may add entities of their own.
/// </summary>
internal sealed class TenantStampInterceptor : SaveChangesInterceptor
{
    public static readonly TenantStampInterceptor Instance = new();

    private TenantStampInterceptor()
    {
    }

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Stamp(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Stamp(eventData.Context!);
        return new(result);
    }

    private static void Stamp(DbContext context)
    {
        if (context.GetService<TenantModelSettings>().TenantColumn is null)
        {
            return;
        }

        // Also what is unchanged: a cascade may reach it yet.
        var tenant = context.GetService<TenantLease>().Tenant!.Id.Value;
        foreach (var entry in context.ChangeTracker.Entries())
        {
            foreach (var property in TenantColumns.Of(entry.Metadata))
            {
                Stamp(entry.Property(property), tenant);
            }
        }
    }

    private static void Stamp(PropertyEntry property, string tenant)
    {
        var isAdded = property.EntityEntry.State == EntityState.Added;
        Refuse(property, property.CurrentValue as string, tenant);
        if (isAdded)
        {
            property.CurrentValue = tenant;
            return;
        }

        Refuse(property, property.OriginalValue as string, tenant);
        if (property.OriginalValue is null || property.CurrentValue is null)
        {
            property.OriginalValue = tenant;
            property.CurrentValue = tenant;
            property.IsModified = false;
        }
    }

    private static void Refuse(PropertyEntry property, string? value, string tenant)
    {
        if (value is not null && value != tenant)
        {
            throw new TenantMismatchException(value, tenant, $"Saving a {property.EntityEntry.Metadata.DisplayName()}");
        }
    }
}
