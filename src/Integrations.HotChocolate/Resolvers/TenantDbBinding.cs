using System.Linq.Expressions;
using System.Reflection;
using Freehold.Integrations.HotChocolate.Requests;
using Freehold.Integrations.HotChocolate.Subscriptions;
using HotChocolate.Internal;
using HotChocolate.Resolvers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Resolvers;

/// <summary>Serves parameters marked with [TenantDb]: as an expression for resolvers found by reflection, as a binding for generated ones.</summary>
internal sealed class TenantDbBinding : IParameterExpressionBuilder, IParameterBindingFactory, IParameterBinding
{
    private static readonly MethodInfo LeaseMethod = typeof(TenantDbBinding).GetMethod(nameof(Lease), BindingFlags.Static | BindingFlags.NonPublic)!;

    public ArgumentKind Kind => ArgumentKind.Custom;

    // A pure resolver has no clean-up.
    public bool IsPure => false;

    public bool IsDefaultHandler => false;

    public bool CanHandle(ParameterInfo parameter) => parameter.IsDefined(typeof(TenantDbAttribute));

    public bool CanHandle(ParameterDescriptor parameter) => parameter.Attributes.Any(attribute => attribute is TenantDbAttribute);

    public Expression Build(ParameterExpressionBuilderContext context) =>
        Expression.Call(LeaseOf(context.Parameter.ParameterType, context.Parameter.Name), context.ResolverContext);

    public IParameterBinding Create(ParameterDescriptor parameter)
    {
        _ = LeaseOf(parameter.Type, parameter.Name);
        return this;
    }

    public T Execute<T>(IResolverContext context) => Leasing<T>.Lease(context);

    private static MethodInfo LeaseOf(Type type, string? parameter) => typeof(DbContext).IsAssignableFrom(type)
        ? LeaseMethod.MakeGenericMethod(type)
        : throw new MultiTenancyConfigurationException($"[TenantDb] is on the parameter '{parameter}' of type {type}, which is no DbContext. Remove it there.");

    private static TContext Lease<TContext>(IResolverContext context) where TContext : DbContext
    {
        var request = context.Features.Get<TenantRequest>() ?? throw new MultiTenancyConfigurationException(
            $"The schema '{context.Schema.Name}' has a resolver with [TenantDb] and does not use multi-tenancy. Call AddMultiTenancy() on its AddGraphQLServer().");
        var tenant = request.Tenant ?? throw new TenantMissingException(
            $"The field {context.Selection.Field.Coordinate} has a parameter with [TenantDb], and its request has no tenant.");
        var db = context.RequestServices.GetRequiredService<ITenantDbContextFactory<TContext>>().Create(tenant);
        if (SubscriptionLease.Of(context) is { } subscription)
        {
            subscription.Add(db);
        }
        else
        {
            ((IMiddlewareContext)context).RegisterForCleanup(db.DisposeAsync);
        }

        return db;
    }

    private static class Leasing<T>
    {
        public static readonly Func<IResolverContext, T> Lease = LeaseOf(typeof(T), null).CreateDelegate<Func<IResolverContext, T>>();
    }
}
