using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>
/// The results of a subscription or of @defer, each made in the tenant of the request whoever reads them, and in whatever flow: the ambient tenant of an
/// enumerator is that of the caller of MoveNext.
/// </summary>
internal static class TenantResponseStream
{
    public static ResponseStream Keep(IResponseStream stream, Tenant? tenant)
    {
        var kept = new ResponseStream(() => new Results(stream.ReadResultsAsync(), tenant), stream.Kind) { ContextData = stream.ContextData };
        kept.RegisterForCleanup(stream);
        return kept;
    }

    private sealed class Results(IAsyncEnumerable<OperationResult> results, Tenant? tenant) : IAsyncEnumerable<OperationResult>
    {
        public IAsyncEnumerator<OperationResult> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            using var entered = TenantRequestMiddleware.Enter(tenant);
            return new Reader(results.GetAsyncEnumerator(cancellationToken), tenant);
        }
    }

    private sealed class Reader(IAsyncEnumerator<OperationResult> results, Tenant? tenant) : IAsyncEnumerator<OperationResult>
    {
        public OperationResult Current => results.Current;

        // Neither is async: what is entered here is what the awaited code starts in, and left again before the caller goes on.
        public ValueTask<bool> MoveNextAsync()
        {
            using var entered = TenantRequestMiddleware.Enter(tenant);
            return results.MoveNextAsync();
        }

        public ValueTask DisposeAsync()
        {
            using var entered = TenantRequestMiddleware.Enter(tenant);
            return results.DisposeAsync();
        }
    }
}
