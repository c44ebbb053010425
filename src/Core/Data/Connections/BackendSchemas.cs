using Npgsql;

namespace Freehold.Core.Data.Connections;

/// <summary>
/// Counts the schemas that each backend of a pool has met; tenants by row have one in common. PostgreSQL keeps the catalog entries of every
/// table that a backend has touched for as long as it lives, so when one has met enough, the pool starts over: idle connections are closed,
/// busy ones on their return.
/// </summary>
/// <param name="dataSource">The pool.</param>
/// <param name="most">How many schemas a backend may meet.</param>
/// <param name="maxPoolSize">How many backends the pool has at most.</param>
internal sealed class BackendSchemas(NpgsqlDataSource dataSource, int most, int maxPoolSize)
{
    // Backends also end without a word, and their process ids stay behind.
    private readonly int _mostBackends = 4 * maxPoolSize;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, HashSet<string>> _met = [];

    public void Met(int backend, string schema)
    {
        lock (_gate)
        {
            if (!_met.TryGetValue(backend, out var schemas))
            {
                _met.Add(backend, schemas = []);
            }

            if (!schemas.Add(schema) || (schemas.Count < most && _met.Count <= _mostBackends))
            {
                return;
            }

            _met.Clear();
        }

        dataSource.Clear();
    }
}
