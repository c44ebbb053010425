using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>
/// The results of a subscription or of @defer, each made in the flow of the request, so in its tenant, whoever reads them and in whatever flow: what is
/// ambient for an enumerator is otherwise that of the caller of MoveNext, his tenant and his DataLoaders among it.
/// </summary>
internal static class TenantResponseStream
{
    /// <summary>Call it inside the request's tenant.</summary>
    public static ResponseStream Keep(IResponseStream stream)
    {
        var flow = ExecutionContext.Capture() ?? throw new InvalidOperationException("A request's flow was suppressed where its stream begins.");
        var kept = new ResponseStream(() => new Results(stream.ReadResultsAsync(), flow), stream.Kind) { ContextData = stream.ContextData };
        kept.RegisterForCleanup(stream);
        return kept;
    }

    private static T In<T>(ExecutionContext flow, Func<T> call)
    {
        T result = default!;
        ExecutionContext.Run(flow, _ => result = call(), null);
        return result;
    }

    private sealed class Results(IAsyncEnumerable<OperationResult> results, ExecutionContext flow) : IAsyncEnumerable<OperationResult>
    {
        public IAsyncEnumerator<OperationResult> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            new Reader(In(flow, () => results.GetAsyncEnumerator(cancellationToken)), flow);
    }

    private sealed class Reader(IAsyncEnumerator<OperationResult> results, ExecutionContext flow) : IAsyncEnumerator<OperationResult>
    {
        public OperationResult Current => results.Current;

        public ValueTask<bool> MoveNextAsync() => In(flow, results.MoveNextAsync);

        public ValueTask DisposeAsync() => In(flow, results.DisposeAsync);
    }
}
