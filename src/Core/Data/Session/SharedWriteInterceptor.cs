using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Keeps tenants' contexts from writing tables that all tenants share, unless the application said they may. Comes after the user's
/// interceptors, which may add entities of their own.
/// </summary>
internal sealed class SharedWriteInterceptor : SaveChangesInterceptor
{
    public static readonly SharedWriteInterceptor Instance = new();

    private SharedWriteInterceptor()
    {
    }

    public static MultiTenancyConfigurationException Refused(string what) => new(
        $"{what} would change a table that all tenants share, from the context of one of them. Use ISharedDbContextFactory, or call AllowSharedWrites() "
        + "on the context's options.");

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Check(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Check(eventData.Context!);
        return new(result);
    }

    private static void Check(DbContext context)
    {
        var settings = context.GetService<TenantModelSettings>();

        // The model is asked first: only where it has shared tables is detecting changes twice paid for.
        if (settings.AllowsSharedWrites || settings.Kind != ContextKind.Tenant || !context.Model.Has(ModelAnnotations.HasShared))
        {
            return;
        }

        foreach (var entry in context.ChangeTracker.Entries())
        {
            if (entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted && entry.Metadata.IsSharedTable())
            {
                throw Refused($"Saving a {entry.Metadata.DisplayName()}");
            }
        }
    }
}
