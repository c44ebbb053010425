using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.ValueGeneration;

namespace Freehold.Core.Data.Session;

/// <summary>The tenant of the context that an entity was added to.</summary>
internal sealed class RunningTenantGenerator : ValueGenerator<string>
{
    public override bool GeneratesTemporaryValues => false;

    public override string Next(EntityEntry entry) => entry.Context.GetService<TenantLease>().Tenant?.Id.Value ?? throw new TenantMissingException(
        $"A {entry.Metadata.DisplayName()} was added to a context that belongs to no tenant, so it would be nobody's. Inject the context, or ask "
        + "ITenantDbContextFactory for one.");
}
