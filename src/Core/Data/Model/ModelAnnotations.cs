using Microsoft.EntityFrameworkCore.Metadata;

namespace Freehold.Core.Data.Model;

/// <summary>What Freehold writes into an EF model.</summary>
internal static class ModelAnnotations
{
    /// <summary>On an entity type: declared with <c>IsShared()</c>.</summary>
    public const string Shared = "Freehold:Shared";

    /// <summary>On the model: at least one entity type is shared.</summary>
    public const string HasShared = "Freehold:HasShared";

    /// <summary>On the model: queries run SQL that EF did not write (functions, SQL queries, procedures).</summary>
    public const string NeedsSession = "Freehold:NeedsSession";

    /// <summary>On the model of an application's context: the <see cref="ContextKind"/> it was finished for.</summary>
    public const string Kind = "Freehold:Kind";

    public static bool IsSharedTable(this IReadOnlyEntityType entityType)
    {
        for (var type = entityType; type is not null; type = type.BaseType ?? type.FindOwnership()?.PrincipalEntityType)
        {
            if (type.FindAnnotation(Shared)?.Value is true)
            {
                return true;
            }
        }

        return false;
    }

    public static bool Has(this IReadOnlyModel model, string annotation) => model.FindAnnotation(annotation)?.Value is true;
}
