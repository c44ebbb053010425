using Freehold.Integrations.HotChocolate.Tests.Hosting;

namespace Freehold.Shop;

[MutationType]
public static partial class Mutations
{
    /// <summary>Its payload leads back to the queries.</summary>
    [AllowNoTenant]
    public static Pong Ping() => new(true);

    [RequireTenant]
    public static bool DropNotes() => true;

    public static async Task<Note> AddNoteAsync(string text, [TenantDb] ShopDb db, ITenantContext tenants, CancellationToken cancellationToken)
    {
        var note = new Note { Text = text, Owner = tenants.Required.Id.Value };
        db.Notes.Add(note);
        await db.SaveChangesAsync(cancellationToken);
        return note;
    }
}

/// <summary>A payload from which any query can be asked.</summary>
public sealed record Pong(bool Done);

public sealed class PongExtension : ObjectTypeExtension<Pong>
{
    protected override void Configure(IObjectTypeDescriptor<Pong> descriptor) =>
        descriptor.Field("query").Type(new global::HotChocolate.Language.NamedTypeNode(OperationTypeNames.Query)).Resolve(_ => new object());
}
