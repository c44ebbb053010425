using System.Linq.Expressions;
using System.Reflection;
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
            return marksIgnoredFilters && IgnoresAll(node.Method)
                ? Expression.Call(
                    typeof(EntityFrameworkQueryableExtensions), nameof(EntityFrameworkQueryableExtensions.TagWith), node.Method.GetGenericArguments(), visited,
                    Expression.Constant(Placeholder.FilterMark))
                : visited;
        }

        // The one that names its filters says which; none of those is the tenant's.
        private static bool IgnoresAll(MethodInfo method) =>
            method.DeclaringType == typeof(EntityFrameworkQueryableExtensions)
            && method.Name == nameof(EntityFrameworkQueryableExtensions.IgnoreQueryFilters)
            && method.GetParameters().Length == 1;

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
