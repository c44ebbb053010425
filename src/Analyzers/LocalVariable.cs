using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Freehold.Analyzers;

/// <summary>What the body around a local variable does with it. Walks that body, so ask only where a rule already found its call.</summary>
internal readonly struct LocalVariable(ILocalSymbol symbol, IOperation inBody)
{
    /// <summary>The values it is given, in the order they are written; none if it has them from elsewhere (a loop, a pattern, an out argument).</summary>
    public IEnumerable<IOperation> Values()
    {
        foreach (var operation in Body().Descendants())
        {
            var value = operation switch
            {
                IVariableDeclaratorOperation declarator when KnownTypes.Same(declarator.Symbol, symbol) => declarator.GetVariableInitializer()?.Value,
                IAssignmentOperation { Target: ILocalReferenceOperation target } assignment when KnownTypes.Same(target.Local, symbol) => assignment.Value,
                _ => null,
            };
            if (value is not null)
            {
                yield return value;
            }
        }
    }

    /// <summary>Whether text is appended to it.</summary>
    public bool Grows()
    {
        var local = symbol;
        return Body().Descendants().Any(operation =>
            operation is ICompoundAssignmentOperation { Target: ILocalReferenceOperation target } && KnownTypes.Same(target.Local, local));
    }

    /// <summary>Whether anything refers to it after its declaration.</summary>
    public bool IsUsed()
    {
        var local = symbol;
        return Body().Descendants().Any(operation => operation is ILocalReferenceOperation reference && KnownTypes.Same(reference.Local, local));
    }

    private IOperation Body()
    {
        var body = inBody;
        while (body.Parent is { } parent)
        {
            body = parent;
        }

        return body;
    }
}
