using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Freehold.Analyzers;

/// <summary>
/// Tells text that was put together with a string from outside. What cannot carry SQL is none of it: constants and choices between
/// constants, static readonly fields, numbers, dates, identifiers. Text that comes whole from elsewhere is not judged.
/// </summary>
internal sealed class ComposedText
{
    private readonly HashSet<ISymbol> _followed = new(SymbolEqualityComparer.Default);

    private ComposedText()
    {
    }

    public static bool Is(IOperation text) => new ComposedText().IsComposed(text);

    private bool IsComposed(IOperation text) => !text.ConstantValue.HasValue && text switch
    {
        IInterpolatedStringOperation interpolated => interpolated.Parts.OfType<IInterpolationOperation>().Any(part => IsForeign(part.Expression)),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } sum => IsForeign(sum.LeftOperand) || IsForeign(sum.RightOperand),
        IInvocationOperation { TargetMethod: { Name: "Format" or "Concat", ContainingType.SpecialType: SpecialType.System_String } } call => AreForeign(call),
        IInvocationOperation { TargetMethod: { Name: "Create", ContainingType.Name: "FormattableStringFactory" } } call => IsComposed(call.Arguments[0].Value),
        IConversionOperation { Type.Name: "FormattableString" } => false, // Its values become parameters.
        IConversionOperation conversion => IsComposed(conversion.Operand),
        IParenthesizedOperation parenthesized => IsComposed(parenthesized.Operand),
        IConditionalOperation choice => IsComposed(choice.WhenTrue) || (choice.WhenFalse is { } otherwise && IsComposed(otherwise)),
        ILocalReferenceOperation local when _followed.Add(local.Local) => IsComposed(new LocalVariable(local.Local, local)),
        _ => false,
    };

    private bool IsComposed(LocalVariable local)
    {
        var values = local.Values();
        return local.Grows() ? values.Any(IsForeign) : values.Any(IsComposed);
    }

    private bool AreForeign(IInvocationOperation call) => call.Arguments.Any(argument => argument.Value switch
    {
        IArrayCreationOperation { Initializer.ElementValues: var elements } => elements.Any(IsForeign),
        var value => IsForeign(value),
    });

    private bool IsForeign(IOperation part) => !part.ConstantValue.HasValue && part switch
    {
        IConversionOperation { IsImplicit: true } conversion => IsForeign(conversion.Operand),
        IParenthesizedOperation parenthesized => IsForeign(parenthesized.Operand),
        IConditionalOperation choice => IsForeign(choice.WhenTrue) || (choice.WhenFalse is { } otherwise && IsForeign(otherwise)),
        ISwitchExpressionOperation choice => choice.Arms.Any(arm => IsForeign(arm.Value)),
        IThrowOperation => false,
        IFieldReferenceOperation { Field: { IsStatic: true, IsReadOnly: true } } => false,
        IInterpolatedStringOperation or IBinaryOperation { Type.SpecialType: SpecialType.System_String } => IsComposed(part),
        ILocalReferenceOperation local => CarriesText(local.Type) && IsForeign(local),
        _ => CarriesText(part.Type),
    };

    private bool IsForeign(ILocalReferenceOperation local)
    {
        if (!_followed.Add(local.Local))
        {
            return false;
        }

        var values = new LocalVariable(local.Local, local).Values().ToArray();
        return values.Length == 0 || values.Any(IsForeign);
    }

    private static bool CarriesText(ITypeSymbol? type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: { Length: 1 } arguments })
        {
            return CarriesText(arguments[0]);
        }

        return type is not null
            && type.TypeKind != TypeKind.Enum
            && type.SpecialType is not (SpecialType.System_Boolean or SpecialType.System_DateTime or (>= SpecialType.System_SByte and <= SpecialType.System_Double))
            && type is not { Name: "Guid" or "DateTimeOffset" or "DateOnly" or "TimeOnly" or "TimeSpan" or "CultureInfo" or "IFormatProvider", ContainingNamespace.Name: "System" or "Globalization" };
    }
}
