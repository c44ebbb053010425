using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>The results of a stream, each made in the flow that the execution was begun in, whoever reads them.</summary>
internal static class FlowOfItsOwn
{
    public static ResponseStream Keep(IResponseStream stream, ExecutionContext flow)
    {
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
