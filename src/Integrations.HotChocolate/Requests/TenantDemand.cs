using HotChocolate.Execution;
using HotChocolate.Language;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>
/// Does an operation need a tenant? Asked only where none is known. It runs before the document is validated, so nothing of it is taken for granted.
/// </summary>
internal sealed class TenantDemand(ISchemaDefinition schema, bool byDefault)
{
    private readonly Lazy<bool> _ofUnknown = new(() => byDefault || Roots(schema).Any(root => root.Fields.Any(field => IsMarked(field) == true)));

    /// <summary>What unmarked root fields need.</summary>
    public bool ByDefault => byDefault;

    public bool Of(IOperationRequest request) => Document(request) is { } document ? Of(document, request.OperationName) : _ofUnknown.Value;

    public bool Of(DocumentNode document, string? operationName) =>
        Operation(document, operationName) is { } operation
            ? OfSelections(operation.SelectionSet, operation.Operation, document, [])
            : _ofUnknown.Value;

    private bool OfSelections(SelectionSetNode set, OperationType kind, DocumentNode document, HashSet<string> spread) =>
        set.Selections.Any(selection => selection switch
        {
            FieldNode field => OfField(field.Name.Value, kind),
            InlineFragmentNode inline => OfSelections(inline.SelectionSet, kind, document, spread),
            FragmentSpreadNode named => spread.Add(named.Name.Value)
                && document.Definitions.OfType<FragmentDefinitionNode>().FirstOrDefault(fragment => fragment.Name.Value == named.Name.Value) is { } fragment
                && OfSelections(fragment.SelectionSet, kind, document, spread),
            _ => true,
        });

    private bool OfField(string name, OperationType kind)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            return false;
        }

        return schema.TryGetOperationType(kind, out var root) && root.Fields.TryGetField(name, out var field)
            ? IsMarked(field) ?? byDefault
            : byDefault;
    }

    private static bool? IsMarked(IOutputFieldDefinition field) => field.Features.Get<TenantMark>()?.NeedsTenant;

    private static IEnumerable<IObjectTypeDefinition> Roots(ISchemaDefinition schema) =>
        new[] { schema.QueryType, schema.MutationType, schema.SubscriptionType }.OfType<IObjectTypeDefinition>();

    private static OperationDefinitionNode? Operation(DocumentNode document, string? name)
    {
        var operations = document.Definitions.OfType<OperationDefinitionNode>();
        return name is null
            ? operations.Take(2).ToArray() is [var only] ? only : null
            : operations.FirstOrDefault(operation => operation.Name?.Value == name);
    }

    private static DocumentNode? Document(IOperationRequest request)
    {
        try
        {
            return request.Document switch
            {
                IOperationDocumentNodeProvider parsed => parsed.Document,
                { } text => Utf8GraphQLParser.Parse(text.AsSpan()),
                null => null,
            };
        }
        catch (SyntaxException)
        {
            return null;
        }
    }
}
