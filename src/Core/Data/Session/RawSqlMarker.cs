using System.Linq.Expressions;
using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.Internal;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Marks, while a query is compiled, that a user wrote a part of its SQL. When it runs it cannot be told: LINQ composed over FromSql or
/// SqlQuery calls itself LINQ. Where crossings are looked for, it also marks a query that ignores filters.
/// </summary>
internal sealed class RawSqlMarker(TenantModelSettings settings) : IQueryExpressionInterceptor
{
    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData) =>
        new Visitor(settings.DetectsCrossings && HasFilters(eventData.Context?.Model)).Visit(queryExpression);

    private static bool HasFilters(IReadOnlyModel? model) => model?.GetEntityTypes().Any(type => type.GetDeclaredQueryFilters().Count > 0) == true;

    private sealed class Visitor(bool marksIgnoredFilters) : ExpressionVisitor
    {
        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            var visited = base.VisitMethodCall(node);
            return marksIgnoredFilters && IgnoresTenant(node)
                ? Expression.Call(
                    typeof(EntityFrameworkQueryableExtensions), nameof(EntityFrameworkQueryableExtensions.TagWith), node.Method.GetGenericArguments(), visited,
                    Expression.Constant(Placeholder.FilterMark))
                : visited;
        }

        // The one with names ignores those: only the tenant's is of interest, and names that cannot be read here may be it.
        private static bool IgnoresTenant(MethodCallExpression call) =>
            call.Method.DeclaringType == typeof(EntityFrameworkQueryableExtensions)
            && call.Method.Name == nameof(EntityFrameworkQueryableExtensions.IgnoreQueryFilters)
            && (call.Arguments.Count == 1 || call.Arguments[1] is not ConstantExpression { Value: IEnumerable<string> names } || names.Contains(TenantFilter.Name));

#pragma warning disable EF1001 // EF has no public name for the roots of FromSql and SqlQuery.
        protected override Expression VisitExtension(Expression node) => node switch
        {
            FromSqlQueryRootExpression { QueryProvider: { } provider } root =>
                new FromSqlQueryRootExpression(provider, root.EntityType, Placeholder.RawMark + root.Sql, root.Argument),
            FromSqlQueryRootExpression root => new FromSqlQueryRootExpression(root.EntityType, Placeholder.RawMark + root.Sql, root.Argument),
            SqlQueryRootExpression { QueryProvider: { } provider } root =>
                new SqlQueryRootExpression(provider, root.ElementType, Placeholder.RawMark + root.Sql, root.Argument),
            SqlQueryRootExpression root => new SqlQueryRootExpression(root.ElementType, Placeholder.RawMark + root.Sql, root.Argument),
            QueryRootExpression => node,
            _ => base.VisitExtension(node),
        };
#pragma warning restore EF1001
    }
}
