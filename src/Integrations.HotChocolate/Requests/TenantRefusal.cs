using HotChocolate.Execution;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.HotChocolate.Requests;

/// <summary>Tenant errors as a GraphQL client sees them. The texts are fixed: ids and reasons are for the log, not for the client.</summary>
internal sealed partial class TenantRefusal(ILogger<TenantRefusal> logger) : IErrorFilter
{
    /// <summary>For what resolvers, DataLoaders and subscriptions throw.</summary>
    public IError OnError(IError error) =>
        Find(error.Exception) is { } refusal ? Translate(error, refusal) : error;

    /// <summary>The result of a request that is refused as a whole.</summary>
    public OperationResult Refuse(TenantException refusal, int requestIndex)
    {
        var error = Translate(ErrorBuilder.New().SetMessage(refusal.Code).Build(), refusal);
        var result = new OperationResult([error]) { RequestIndex = requestIndex < 0 ? null : requestIndex };
        result.ContextData = result.ContextData.SetItem(ExecutionContextData.HttpStatusCode, Answer(refusal.Code).Status);
        return result;
    }

    public void Log(TenantException refusal) =>
        Refused(logger, refusal.IsRetryable ? LogLevel.Warning : LogLevel.Information, refusal.Code, refusal.Message, refusal);

    /// <summary>The HTTP status that means the same; 4000 more is a socket's close code.</summary>
    public static int StatusOf(TenantException refusal) => Answer(refusal.Code).Status;

    public static string TextOf(TenantException refusal) => Answer(refusal.Code).Text;

    private IError Translate(IError error, TenantException refusal)
    {
        Log(refusal);
        return error.WithCode(refusal.Code).WithMessage(Answer(refusal.Code).Text).WithException(null);
    }

    private static TenantException? Find(Exception? exception)
    {
        while (exception is not null and not TenantException)
        {
            exception = exception.InnerException;
        }

        return (TenantException?)exception;
    }

    private static (int Status, string Text) Answer(string code) => code switch
    {
        TenantErrorCodes.Missing => (400, "This needs a tenant, and the request names none."),
        TenantErrorCodes.Unknown => (404, "The request names a tenant that does not exist."),
        TenantErrorCodes.Suspended => (403, "The tenant is suspended."),
        TenantErrorCodes.Mismatch => (403, "The request names several tenants, or one that its user or its data does not belong to."),
        TenantErrorCodes.Busy => (429, "The tenant asks for more than its share. Try again later, and less often."),
        _ => (503, "The tenant cannot be served now. Try again later."),
    };

    [LoggerMessage(EventId = 5001, Message = "A GraphQL request, field or connection was refused with {Code}: {Reason}")]
    private static partial void Refused(ILogger logger, LogLevel level, string code, string reason, Exception exception);
}
