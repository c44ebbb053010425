using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Internal;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Data;

#pragma warning disable EF1001 // EF's own AddDbContextPool is made of these; it has no public way to pool for a scope with a factory of one's own.

/// <summary>
/// Reuses contexts that were injected. They go back when their DI scope ends and not when somebody disposes them: disposed in the scope and
/// once more by it, a context would be taken from whoever has it by then, and given to a third.
/// </summary>
internal sealed class ScopedContextPool<TContext>(DbContextOptions<TContext> options, int size) where TContext : DbContext
{
    // Never disposed, as that of EF's factory: idle contexts hold nothing open.
    private readonly IDbContextPool<TContext> _pool = new DbContextPool<TContext>(Sized(options, size));

    public TContext Rent(IServiceProvider scope) => scope.GetRequiredService<ScopedContext<TContext>>().Hold(new ScopedDbContextLease<TContext>(_pool));

    private static DbContextOptions<TContext> Sized(DbContextOptions<TContext> options, int size)
    {
        var builder = new DbContextOptionsBuilder<TContext>(options);
        ((IDbContextOptionsBuilderInfrastructure)builder).AddOrUpdateExtension(options.GetExtension<CoreOptionsExtension>().WithMaxPoolSize(size));
        return builder.Options;
    }
}

/// <summary>The context that a DI scope holds until it ends.</summary>
internal sealed class ScopedContext<TContext> : IDisposable, IAsyncDisposable where TContext : DbContext
{
    private ScopedDbContextLease<TContext>? _lease;

    public TContext Hold(ScopedDbContextLease<TContext> lease)
    {
        // A second one comes only where making the first failed half-way.
        Dispose();
        _lease = lease;
        return lease.Context;
    }

    public void Dispose() => (_lease as IDisposable)?.Dispose();

    public ValueTask DisposeAsync() => (_lease as IAsyncDisposable)?.DisposeAsync() ?? default;
}
