using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Microsoft.Extensions.Configuration;

namespace Freehold.Core.Stores.Configured;

/// <summary>
/// Reads a section's tenants, strictly: a misspelt <c>State</c> that is passed over would be a suspended tenant that works.
/// </summary>
/// <param name="naming">Which ids tenants may have.</param>
/// <param name="placer">Finds where a tenant's data would be; null where the application has no database.</param>
/// <param name="servers">The servers a placement can name; empty where the application has none.</param>
internal sealed class TenantSectionReader(TenantNamingOptions naming, TenantPlacer? placer, IEnumerable<NpgsqlServer> servers)
{
    /// <exception cref="MultiTenancyConfigurationException">An entry is broken, or there is none.</exception>
    public ConfiguredTenants Read(IConfigurationSection section)
    {
        var byId = new Dictionary<string, IConfigurationSection>(StringComparer.OrdinalIgnoreCase);
        var places = new Dictionary<(string, string?, string?), TenantId>();
        var tenants = new List<Tenant>();
        foreach (var entry in section.GetChildren())
        {
            var tenant = ReadTenant(entry);
            if (!byId.TryAdd(tenant.Id.Value, entry))
            {
                throw Broken(entry, $"'{byId[tenant.Id.Value].Path}' has the same id, or one that differs only in case; keep one of them");
            }

            Place(entry, tenant, places);
            tenants.Add(tenant);
        }

        return tenants.Count > 0 ? new ConfiguredTenants(tenants) : throw new MultiTenancyConfigurationException(
            $"The configuration section '{section.Path}' has no tenants. Add an entry per tenant, named by its id, or correct the section's name.");
    }

    private Tenant ReadTenant(IConfigurationSection entry)
    {
        Expect(entry, "Id", "Name", "State", "Plan", "Region", "Tags", "Placement");
        return new Tenant(ReadId(entry))
        {
            Name = Text(entry, "Name"),
            Plan = Text(entry, "Plan"),
            Region = Text(entry, "Region"),
            Tags = ReadTags(entry),
            State = Known<TenantState>(entry, "State", TenantState.Active),
            Placement = entry.GetSection("Placement") is var placement && placement.Exists() ? ReadPlacement(placement) : null,
        };
    }

    private TenantId ReadId(IConfigurationSection entry)
    {
        var text = Text(entry, "Id") ?? entry.Key;
        if (!TenantId.TryParse(text, out var id))
        {
            throw Broken(entry, $"'{InvalidTenantIdException.Shown(text)}' cannot be a tenant's id; see TenantId for the rules");
        }

        return naming.Defect(id) is { } defect
            ? throw Broken(entry, $"the id '{id}' is refused, because {defect}; change the entry's name, or give it the right Id")
            : id;
    }

    // A list, as JSON has them, or words with commas between them, as an environment variable has.
    private static TenantTags ReadTags(IConfigurationSection entry)
    {
        var section = entry.GetSection("Tags");
        var tags = section.Value is { Length: > 0 } words
            ? words.Split(',', StringSplitOptions.TrimEntries)
            : [.. section.GetChildren().Select(child => child.Value ?? "")];
        return tags.All(TenantTags.IsValid)
            ? TenantTags.Create(tags)
            : throw Broken(entry, $"its Tags must be a list of words, each of 1 to {TenantTags.MaxLength} ASCII letters, digits, and - _ . :");
    }

    private TenantPlacement ReadPlacement(IConfigurationSection placement)
    {
        Expect(placement, "Isolation", "Server", "Database", "Schema");
        var server = Text(placement, "Server") ?? TenantPlacement.DefaultServer;
        if (servers.Any() && servers.All(known => known.Name != server))
        {
            throw Broken(placement, $"no server is registered under the name '{server}'; use one of {string.Join(", ", servers.Select(known => known.Name))}");
        }

        return new TenantPlacement(Known<Isolation>(placement, "Isolation", missing: null))
        {
            Server = server,
            Database = Text(placement, "Database"),
            Schema = Text(placement, "Schema"),
        };
    }

    private void Place(IConfigurationSection entry, Tenant tenant, Dictionary<(string, string?, string?), TenantId> places)
    {
        ResolvedPlacement? place;
        try
        {
            place = placer?.Place(tenant);
        }
        catch (MultiTenancyConfigurationException impossible)
        {
            throw Broken(entry, impossible.Message.TrimEnd('.'));
        }

        if (place is { Isolation: Isolation.Database or Isolation.Schema } && !places.TryAdd((place.Server, place.Database, place.Schema), tenant.Id))
        {
            throw Broken(entry, $"its data would be in the same place as that of '{places[(place.Server, place.Database, place.Schema)]}'; change its Placement");
        }
    }

    private static void Expect(IConfigurationSection section, params ReadOnlySpan<string> settings)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            throw Broken(section, $"it is a value and not a section; write its settings ({string.Join(", ", settings)}) below it");
        }

        foreach (var child in section.GetChildren())
        {
            if (!settings.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw Broken(section, $"it has a setting '{child.Key}' that means nothing here; use {string.Join(", ", settings)}");
            }
        }
    }

    private static string? Text(IConfigurationSection section, string setting) => section.GetSection(setting) switch
    {
        { Value: { Length: > 0 } value } => value,
        var other when other.GetChildren().Any() => throw Broken(section, $"its {setting} is a section and not a value; write a single text"),
        _ => null,
    };

    private static T Known<T>(IConfigurationSection section, string setting, T? missing) where T : struct, Enum
    {
        var text = Text(section, setting);
        if (text is null)
        {
            return missing ?? throw Broken(section, $"it has no {setting}; use one of {string.Join(", ", Enum.GetNames<T>())}");
        }

        // Names only: Enum.Parse would also take numbers and lists.
        var name = Enum.GetNames<T>().FirstOrDefault(known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
        return name is not null
            ? Enum.Parse<T>(name)
            : throw Broken(section, $"its {setting} is '{InvalidTenantIdException.Shown(text)}'; use one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    private static MultiTenancyConfigurationException Broken(IConfigurationSection entry, string defect) =>
        new($"The configuration entry '{entry.Path}' cannot be used: {defect}.");
}
