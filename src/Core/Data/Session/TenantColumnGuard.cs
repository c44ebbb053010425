using System.Linq.Expressions;
using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Freehold.Core.Data.Session;

/// <summary>Keeps <c>ExecuteUpdate</c> from giving rows to another tenant, while the query is compiled.</summary>
internal sealed class TenantColumnGuard : IQueryExpressionInterceptor
{
    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData)
    {
        if (queryExpression is MethodCallExpression { Method.Name: nameof(EntityFrameworkQueryableExtensions.ExecuteUpdate) } update)
        {
            foreach (var argument in update.Arguments.Skip(1))
            {
                new Visitor().Visit(argument);
            }
        }

        return queryExpression;
    }

    private sealed class Visitor : ExpressionVisitor
    {
        protected override Expression VisitMethodCall(MethodCallExpression node) =>
            node.Method.DeclaringType == typeof(EF) && node.Arguments is [_, ConstantExpression { Value: string name }] && TenantColumns.IsTenantColumn(name)
                ? throw new MultiTenancyConfigurationException(
                    "ExecuteUpdate names the tenant's column. Freehold writes it, and rows do not change hands: remove it from the setters.")
                : base.VisitMethodCall(node);

        protected override Expression VisitConstant(ConstantExpression node) =>
            node.Value is LambdaExpression lambda ? base.Visit(lambda) : base.VisitConstant(node);
    }
}
