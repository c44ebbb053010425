using Freehold.Integrations.HotChocolate.Tests.Hosting;

namespace Freehold.Shop;

[MutationType]
public static partial class Mutations
{
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
