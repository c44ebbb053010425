using System.Security.Cryptography;
using Freehold.Core.Data.Connections;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Provisioning;

/// <summary>What a spare is called, and the names of its place: no tenant's by convention, so that a tenant of any id can take it over.</summary>
internal sealed class SpareNames(IOptions<MultiTenancyOptions> tenancy, IOptions<TenantNamingOptions> naming, DatabaseProvider provider)
{
    private const int Length = 12;

    public Tenant Next()
    {
        var isolation = tenancy.Value.Isolation;
        var placement = new TenantPlacement(isolation);
        placement = !provider.HasSchemas ? placement with { Database = Name(naming.Value.FileTemplate, ".db") }
            : isolation == Isolation.Database ? placement with { Database = Name(naming.Value.DatabaseTemplate, "") }
            : placement with { Schema = Name(naming.Value.SchemaTemplate, "") };
        return new(Id()) { State = TenantState.Spare, Placement = placement };
    }

    private string Id()
    {
        var characters = naming.Value.AllowedCharacters.Where(char.IsAsciiLetterOrDigit).ToArray();
        var random = RandomNumberGenerator.GetString(characters, Math.Min(Length, naming.Value.MaxLength));
        return new[] { $"spare-{random}", $"spare{random}" }.FirstOrDefault(id => TenantId.TryParse(id, out var spare) && naming.Value.Defect(spare) is null) ?? random;
    }

    // An id ends with a letter or digit, so one of these is no id's.
    private string Name(string template, string ending)
    {
        var name = $"spare_{RandomNumberGenerator.GetHexString(Length, lowercase: true)}";
        while (naming.Value.OwnerOf(name + ending, template) is not null)
        {
            name += "_";
        }

        return name + ending;
    }
}
