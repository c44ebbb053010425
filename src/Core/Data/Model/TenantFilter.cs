using System.Linq.Expressions;
using System.Reflection;
using Freehold.Core.Data.Session;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Core.Data.Model;

/// <summary>
/// The query filter by tenant: for the planner, and a second wall beside the policies. Its parameter is asked of the context that runs the query,
/// each time, so no cached query keeps the tenant it was compiled for.
/// </summary>
internal static class TenantFilter
{
    /// <summary>The filter's name, for <c>IgnoreQueryFilters([…])</c>; policies hold without it.</summary>
    public const string Name = "Freehold.Tenant";

    /// <summary>What a filter of the user's without a name is called beside it: EF wants all or none of them named.</summary>
    public const string UsersName = "Freehold.Unnamed";

    private static readonly MethodInfo Running = typeof(TenantFilter).GetMethod(nameof(RunningTenant), BindingFlags.Static | BindingFlags.NonPublic)!;

    private static readonly MethodInfo PropertyOf = typeof(EF).GetMethod(nameof(EF.Property))!.MakeGenericMethod(typeof(string));

    public static void AddTo(IMutableEntityType entityType)
    {
        if (entityType.GetDeclaredQueryFilters().FirstOrDefault(filter => filter.Key is null)?.Expression is { } unnamed)
        {
            entityType.SetQueryFilter(null);
            entityType.SetQueryFilter(UsersName, unnamed);
        }

        var row = Expression.Parameter(entityType.ClrType, "row");

        // EF puts the running context in the place of whatever has its type.
        var tenant = Expression.Call(Running, Expression.Constant(null, typeof(DbContext)));
        var column = Expression.Call(PropertyOf, row, Expression.Constant(TenantColumns.Property));
        entityType.SetQueryFilter(Name, Expression.Lambda(Expression.Equal(column, tenant), row));
    }

    private static string? RunningTenant(DbContext context) => context.GetService<TenantLease>().Tenant?.Id.Value;
}
