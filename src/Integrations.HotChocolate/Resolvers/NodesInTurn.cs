using HotChocolate.Configuration;
using HotChocolate.Language;
using HotChocolate.Resolvers;
using HotChocolate.Types.Descriptors.Configurations;

namespace Freehold.Integrations.HotChocolate.Resolvers;

/// <summary>
/// The field <c>nodes</c> never ends before all that it has started. HotChocolate's own leaves at a malformed id and at an abort, and gives contexts of
/// resolvers back that still run: to the pool, from where the next request, of another tenant, gets them. Here each id is resolved by itself.
/// </summary>
internal sealed class NodesInTurn : TypeInterceptor
{
    private const string Ids = "ids";

    private TypeSystemConfiguration? _query;

    public override void OnAfterResolveRootType(ITypeCompletionContext completionContext, ObjectTypeConfiguration configuration, OperationType operationType)
    {
        if (operationType == OperationType.Query)
        {
            _query = configuration;
        }
    }

    public override void OnBeforeCompleteType(ITypeCompletionContext completionContext, TypeSystemConfiguration configuration)
    {
        if (ReferenceEquals(configuration, _query) && configuration is ObjectTypeConfiguration { Fields: { } fields })
        {
            var most = MostOf(completionContext);
            foreach (var field in fields)
            {
                if (field.Name == "nodes" && field.Arguments is [{ Name: Ids }])
                {
                    field.MiddlewareConfigurations.Insert(0, new FieldMiddlewareConfiguration(next => context => ResolveAsync(next, context, most)));
                }
            }
        }
    }

    private static async ValueTask ResolveAsync(FieldDelegate next, IMiddlewareContext context, int most)
    {
        if (context.ArgumentKind(Ids) != ValueKind.List)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        var ids = context.ArgumentLiteral<ListValueNode>(Ids).Items;
        if (ids.Count > most)
        {
            context.ReportError(ErrorBuilder.New().SetMessage($"Nodes are fetched {most} at once at most, and these are {ids.Count}.").SetPath(context.Path).Build());
            return;
        }

        // All are made before the first runs, and none of them throws.
        var clones = ids.Select(id => One(context, id)).ToArray();
        context.Result = await Task.WhenAll(clones.Select((clone, i) => ResolveOneAsync(next, context, clone, i))).ConfigureAwait(false);
        context.RequestAborted.ThrowIfCancellationRequested();
    }

    private static IMiddlewareContext One(IMiddlewareContext context, IValueNode id)
    {
        var clone = context.Clone();
        clone.ReplaceArguments(new Dictionary<string, ArgumentValue>
        {
            [Ids] = new(context.Selection.Field.Arguments[Ids], ValueKind.String, isFullyCoerced: true, isDefaultValue: false, value: null, id),
        });
        return clone;
    }

    private static async Task<object?> ResolveOneAsync(FieldDelegate next, IMiddlewareContext context, IMiddlewareContext clone, int item)
    {
        try
        {
            await next(clone).ConfigureAwait(false);
            return clone.Result is object?[] { Length: 1 } results ? results[0] : null;
        }
        catch (Exception failure) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.ReportError(failure, error => error.SetPath(context.Path.Append(item)));
            return null;
        }
        catch
        {
            return null; // The request is gone.
        }
    }

    // Kept by HotChocolate in a feature of its own that it does not show; where it is not found, its default.
    private static int MostOf(ITypeCompletionContext context) => context.DescriptorContext.Features
        .Select(feature => feature.Value?.GetType().GetProperties().FirstOrDefault(property => property.PropertyType == typeof(GlobalObjectIdentificationOptions))?.GetValue(feature.Value))
        .OfType<GlobalObjectIdentificationOptions>().FirstOrDefault(new GlobalObjectIdentificationOptions()).MaxAllowedNodeBatchSize;
}
