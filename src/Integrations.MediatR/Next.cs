using MediatR;

namespace Freehold.Integrations.MediatR;

/// <summary>
/// Calls the rest of a pipeline. The delegate's Invoke has no parameter in MediatR 12.4 and takes a token from 12.5 on: a call compiled
/// against one fails with MissingMethodException on the other. So it is looked up once per response type in the MediatR that is loaded.
/// </summary>
internal static class Next<TResponse>
{
    public static readonly Func<RequestHandlerDelegate<TResponse>, CancellationToken, Task<TResponse>> Invoke = Bind();

    private static Func<RequestHandlerDelegate<TResponse>, CancellationToken, Task<TResponse>> Bind()
    {
        var invoke = typeof(RequestHandlerDelegate<TResponse>).GetMethod(nameof(Invoke))!;
        if (invoke.GetParameters().Length > 0)
        {
            return invoke.CreateDelegate<Func<RequestHandlerDelegate<TResponse>, CancellationToken, Task<TResponse>>>();
        }

        var plain = invoke.CreateDelegate<Func<RequestHandlerDelegate<TResponse>, Task<TResponse>>>();
        return (next, _) => plain(next);
    }
}
