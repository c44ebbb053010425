using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.Internal;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Marks, while a query is compiled, that a user wrote a part of its SQL. When it runs it cannot be told: LINQ composed over FromSql or
/// SqlQuery calls itself LINQ.
/// </summary>
internal sealed class RawSqlMarker : IQueryExpressionInterceptor
{
    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData) => new Visitor().Visit(queryExpression);

    private sealed class Visitor : ExpressionVisitor
    {
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
