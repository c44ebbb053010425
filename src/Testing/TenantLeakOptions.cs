using Freehold.Testing.Leaks;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold;

/// <summary>How hard a leak suite tries, and what it cannot find out by itself.</summary>
public sealed class TenantLeakOptions
{
    /// <summary>How many tenants there are; 5 by default, 2 at least.</summary>
    public int Tenants { get; set; } = 5;

    /// <summary>
    /// How many rows of each entity type the first tenant has; 3 by default. The others have one or two more, so that a wrong answer has another count.
    /// </summary>
    public int Rows { get; set; } = 3;

    /// <summary>How many workers run at the same time; 12 by default.</summary>
    public int Workers { get; set; } = 12;

    /// <summary>How many operations each worker does; 40 by default.</summary>
    public int OperationsPerWorker { get; set; } = 40;

    /// <summary>The connections of each pool, which all workers share; 4 by default.</summary>
    public int Connections { get; set; } = 4;

    /// <summary>What chance begins with; the same seed asks for the same operations, though not in the same order of time.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Further services of the application, which its contexts need.</summary>
    public Action<IServiceCollection>? Services { get; set; }

    /// <summary>
    /// Says more of a tenant than its id, by its number from 0: where it is placed, or the plan or region that rules of <c>PlaceBy</c> go by. So one
    /// run has tenants of several isolations. By default nothing: they are placed by the rules, or by <c>IsolateBy</c>.
    /// </summary>
    public Func<Tenant, int, Tenant>? Describe { get; set; }

    /// <summary>
    /// Puts a pooler between the application and PostgreSQL, none by default: given the connection string of the application's role, it starts or finds one that
    /// lets the role in, and returns the way through it. The suite still provisions and looks past it, and looks also what a client that sets
    /// nothing finds in its sessions. Ending it, after the run, is yours.
    /// </summary>
    public Func<string, CancellationToken, Task<string>>? Pooler { get; set; }

    internal Dictionary<Type, Func<TenantLeakRow, object>> Makers { get; } = [];

    internal List<TenantWay> Ways { get; } = [.. TenantWay.BuiltIn];

    /// <summary>Makes the rows of an entity type whose own rules the suite cannot guess. Keys of principals are set afterwards.</summary>
    public TenantLeakOptions Make<TEntity>(Func<TenantLeakRow, TEntity> make) where TEntity : class
    {
        Makers[typeof(TEntity)] = row => make(row);
        return this;
    }

    /// <summary>
    /// Adds a way on which work reaches its tenant, beside <c>TenantScope.Enter</c> and <c>ForTenantAsync</c>: through a host of the application, as a
    /// request, message or job. The way runs the work, within the tenant, in a DI scope whose services it hands over.
    /// </summary>
    public TenantLeakOptions Through(string name, Func<IServiceProvider, Tenant, Func<IServiceProvider, CancellationToken, Task>, CancellationToken, Task> way)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Ways.Add(new(name, way));
        return this;
    }

    internal void Check()
    {
        if (Tenants < 2 || Rows < 1 || Workers < 1 || OperationsPerWorker < 1 || Connections < 1)
        {
            throw new MultiTenancyConfigurationException(
                "TenantLeakOptions asks for fewer than 2 tenants, or for none of Rows, Workers, OperationsPerWorker or Connections. Correct it.");
        }
    }
}

/// <summary>A row that is to be made.</summary>
/// <param name="Tenant">Whose it will be.</param>
/// <param name="Number">Counts the rows of an entity type within a tenant, from 0; the same numbers in every tenant.</param>
/// <param name="Stamp">A text that no other row of any tenant has.</param>
public sealed record TenantLeakRow(Tenant Tenant, int Number, string Stamp);
