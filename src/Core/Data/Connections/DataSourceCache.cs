using Freehold.Core.Data.Budget;
using Npgsql;

namespace Freehold.Core.Data.Connections;

/// <summary>Data sources of tenants with a database of their own: least recently used out first, never one in use.</summary>
internal sealed class DataSourceCache(
    int capacity, Func<DataSourceCache.Key, NpgsqlDataSource> open, Func<string, ServerBudget?> budgetOf) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    public ConnectionSource Rent(Key key)
    {
        List<Entry>? closing = null;
        Entry entry;
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                node = new LinkedListNode<Entry>(new Entry(this, key, open(key), budgetOf(key.Server)));
                _entries.Add(key, node);
            }

            _byUse.AddFirst(node);
            entry = node.Value;
            entry.Users++;
            Trim(ref closing);
        }

        Close(closing);
        return entry;
    }

    /// <summary>Closes the data source of a database that is about to go: now, or when its last user returns it.</summary>
    public void Forget(Key key)
    {
        lock (_gate)
        {
            if (!_entries.Remove(key, out var node))
            {
                return;
            }

            _byUse.Remove(node);
            node.Value.IsForgotten = true;
            if (node.Value.Users > 0)
            {
                return;
            }

            node.Value.DataSource.Dispose();
        }
    }

    public void Dispose()
    {
        List<Entry> closing;
        lock (_gate)
        {
            closing = [.. _byUse];
            _byUse.Clear();
            _entries.Clear();
        }

        Close(closing);
    }

    private void Return(Entry entry)
    {
        List<Entry>? closing = null;
        lock (_gate)
        {
            entry.Users--;
            if (entry is { IsForgotten: true, Users: 0 })
            {
                closing = [entry];
            }

            Trim(ref closing);
        }

        Close(closing);
    }

    private void Trim(ref List<Entry>? closing)
    {
        for (var node = _byUse.Last; node is not null && _entries.Count > capacity;)
        {
            var previous = node.Previous;
            if (node.Value.Users == 0)
            {
                _byUse.Remove(node);
                _entries.Remove(node.Value.Key);
                (closing ??= []).Add(node.Value);
            }

            node = previous;
        }
    }

    private static void Close(List<Entry>? closing)
    {
        foreach (var entry in closing ?? [])
        {
            entry.DataSource.Dispose();
        }
    }

    internal readonly record struct Key(string Server, string Database);

    private sealed class Entry(DataSourceCache cache, Key key, NpgsqlDataSource dataSource, ServerBudget? budget) : NpgsqlSource(dataSource, budget)
    {
        public Key Key => key;

        public int Users { get; set; }

        public bool IsForgotten { get; set; }

        public override void Return() => cache.Return(this);
    }
}
