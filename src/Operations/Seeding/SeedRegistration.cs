using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations.Seeding;

/// <summary>A seed that the application registered.</summary>
internal abstract class SeedRegistration(Type context, int version, string name, IReadOnlyList<string> environments)
{
    public Type Context => context;

    public int Version => version;

    public string Name => name;

    public TenantSeed Seed { get; } = new(context.Name, version, name);

    public bool IsFor(string environment) => environments.Count == 0 || environments.Contains(environment, StringComparer.OrdinalIgnoreCase);

    /// <summary>Applies it to the current tenant.</summary>
    /// <returns>False where somebody else applied it meanwhile.</returns>
    public abstract Task<bool> ApplyAsync(IServiceProvider scope, CancellationToken cancellationToken);

    public override string ToString() => $"seed {version} '{name}'";
}

internal sealed class SeedRegistration<TContext, TSeed>(int version, string name, IReadOnlyList<string> environments)
    : SeedRegistration(typeof(TContext), version, name, environments)
    where TContext : DbContext
    where TSeed : class, ITenantSeed<TContext>
{
    public override Task<bool> ApplyAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        var context = scope.GetRequiredService<TContext>();
        return context.Database.CreateExecutionStrategy().ExecuteAsync(token => AttemptAsync(scope, context, token), cancellationToken);
    }

    private async Task<bool> AttemptAsync(IServiceProvider scope, TContext context, CancellationToken cancellationToken)
    {
        context.ChangeTracker.Clear();
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);

        // The record comes first: who comes second waits for it here, until the first one has committed or given up.
        if (!await SeedJournal.ClaimAsync(context, this, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        await ActivatorUtilities.CreateInstance<TSeed>(scope).SeedAsync(context, cancellationToken).ConfigureAwait(false);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }
}
