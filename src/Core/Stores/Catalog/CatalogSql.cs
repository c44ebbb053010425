using Freehold.Core.Placement;

namespace Freehold.Core.Stores.Catalog;

/// <summary>What the catalog says to PostgreSQL. All names are qualified: its sessions have no search path.</summary>
internal sealed class CatalogSql(string schema)
{
    public const string UniqueId = "tenants_pkey";
    public const string UniqueIdWithoutCase = "tenants_id_without_case";
    public const string UniquePlacement = "tenants_placement";

    private const string States = "tenants_state";

    private const string Columns = "id, state, name, isolation, server, database, schema, plan, region, tags, failure";

    private const string Values = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11";

    private const string Expected = "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22";

    private readonly string _schema = SqlText.Identifier(schema);

    private string Tenants => _schema + ".tenants";

    private string VersionTable => _schema + ".catalog_version";

    public string Schema => schema;

    public string Find => $"SELECT {Columns} FROM {Tenants} WHERE id = $1";

    /// <summary>A page of tenants after an id.</summary>
    public string List => $"SELECT {Columns} FROM {Tenants} WHERE id > $1 ORDER BY id LIMIT $2";

    public string Add => $"INSERT INTO {Tenants} ({Columns}) VALUES ({Values})";

    public string Update =>
        $"UPDATE {Tenants} SET ({Columns}, updated_at) = ROW ({Values}, now()) WHERE id = $1";

    /// <summary>The same, if the record is still the one that follows the new values.</summary>
    public string TryUpdate => $"{Update} AND ({Columns}) IS NOT DISTINCT FROM ({Expected})";

    /// <summary>
    /// A spare becomes the tenant of the first parameters; those of isolation and server say which spares will do. One that another call is taking is passed
    /// over. Returns the spare as it was.
    /// </summary>
    public string ClaimSpare => $"""
        WITH spare AS (
            SELECT {Columns} FROM {Tenants} WHERE state = 'Spare' AND failure IS NULL AND isolation = $4 AND server = $5 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE {Tenants} AS t SET id = $1, state = $2, name = $3, plan = $8, region = $9, tags = $10, failure = $11, created_at = now(), updated_at = now()
        FROM spare WHERE t.id = spare.id
        RETURNING {string.Join(", ", Columns.Split(", ").Select(column => $"spare.{column}"))}
        """;

    public string Remove => $"DELETE FROM {Tenants} WHERE id = $1";

    /// <summary>Which id stands in the way of another, whatever its case.</summary>
    public string Meeting => $"SELECT id FROM {Tenants} WHERE lower(id) = lower($1)";

    public string Version => $"SELECT version FROM {VersionTable}";

    /// <summary>One process at a time makes the catalog, for the length of its transaction.</summary>
    public string Lock => $"SELECT pg_advisory_xact_lock(hashtextextended({SqlText.Literal("freehold catalog " + schema)}, 0))";

    /// <summary>Whether the schema is there: creating it needs a right that only the first process may have.</summary>
    public string SchemaExists => $"SELECT to_regnamespace({SqlText.Literal(_schema)}) IS NOT NULL";

    public string CreateSchema => $"CREATE SCHEMA IF NOT EXISTS {_schema}";

    /// <summary>
    /// Ids compare byte for byte and sort ordinally (COLLATE "C"). Two records may not name the same place, by what the server would
    /// take them to mean: no database is the server's own, no schema in a database of one's own is public. What is left to conventions cannot meet.
    /// Version 1 had no plans and regions, version 2 no tags and failures, and fewer states.
    /// </summary>
    public string CreateTables => $"""
        CREATE TABLE IF NOT EXISTS {Tenants} (
            id text COLLATE "C" NOT NULL CONSTRAINT {UniqueId} PRIMARY KEY,
            state text NOT NULL,
            name text,
            isolation text,
            server text,
            database text,
            schema text,
            plan text,
            region text,
            tags text[] NOT NULL DEFAULT ARRAY[]::text[],
            failure text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT tenants_place CHECK ((isolation IS NULL) = (server IS NULL) AND (isolation IS NOT NULL OR (database IS NULL AND schema IS NULL))));
        CREATE UNIQUE INDEX IF NOT EXISTS {UniqueIdWithoutCase} ON {Tenants} (lower(id));
        CREATE UNIQUE INDEX IF NOT EXISTS {UniquePlacement} ON {Tenants}
            (server, coalesce(database, ''), coalesce(schema, CASE isolation WHEN 'Database' THEN 'public' END))
            WHERE (isolation = 'Database' AND database IS NOT NULL) OR (isolation = 'Schema' AND schema IS NOT NULL);
        CREATE TABLE IF NOT EXISTS {VersionTable} (version integer NOT NULL CONSTRAINT catalog_version_pkey PRIMARY KEY);
        ALTER TABLE {Tenants} ADD COLUMN IF NOT EXISTS plan text, ADD COLUMN IF NOT EXISTS region text,
            ADD COLUMN IF NOT EXISTS tags text[] NOT NULL DEFAULT ARRAY[]::text[], ADD COLUMN IF NOT EXISTS failure text,
            DROP CONSTRAINT IF EXISTS {States}, ADD CONSTRAINT {States} CHECK (state IN ({string.Join(", ", Enum.GetNames<TenantState>().Select(SqlText.Literal))}));
        CREATE INDEX IF NOT EXISTS tenants_spare ON {Tenants} (id) WHERE state = 'Spare';
        INSERT INTO {VersionTable} (version) SELECT {CatalogSchema.Current} WHERE NOT EXISTS (SELECT 1 FROM {VersionTable});
        UPDATE {VersionTable} SET version = {CatalogSchema.Current} WHERE version < {CatalogSchema.Current};
        """;
}
