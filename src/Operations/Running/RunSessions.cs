using Freehold.Core.Data.Connections;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Running;

/// <summary>Opens what a run keeps open.</summary>
internal sealed class RunSessions(TenantPlaces places, DatabaseProvider provider, SiteMigrator migrator, AppliedSql appliedSql, IOptions<TenantOperationsOptions> options)
{
    public RunSession Open() => places is NpgsqlPlaces npgsql
        ? new NpgsqlRunSession((NpgsqlProvider)provider, npgsql, migrator, appliedSql, options.Value)
        : new FileRunSession(places, migrator);
}
