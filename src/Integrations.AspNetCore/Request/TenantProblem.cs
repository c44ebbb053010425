using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Tenant errors as problem details (RFC 9457). The texts are fixed: ids and reasons are for the log, not for the client.</summary>
internal sealed partial class TenantProblem(ILogger<TenantProblem> logger) : IExceptionHandler
{
    private const int RetryAfterSeconds = 5;

    /// <summary>For an application whose exception handler stands between UseMultiTenancy and the code that threw.</summary>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not TenantException refusal)
        {
            return false;
        }

        await WriteAsync(httpContext, refusal, logger).ConfigureAwait(false);
        return true;
    }

    public static Task WriteAsync(HttpContext context, TenantException refusal, ILogger logger)
    {
        var (status, title, detail) = Answer(refusal.Code);
        Refused(logger, refusal.IsRetryable ? LogLevel.Warning : LogLevel.Information, refusal.Code, refusal.Message, refusal);
        context.Response.Headers.CacheControl = "no-store";
        if (GrpcRefusal.IsFor(context.Request))
        {
            GrpcRefusal.Write(context, refusal.Code);
            return Task.CompletedTask;
        }

        if (refusal.IsRetryable)
        {
            context.Response.Headers.RetryAfter = RetryAfter(refusal).ToString(CultureInfo.InvariantCulture);
        }

        // ASP.NET Core knows the types of all the others.
        var type = status == StatusCodes.Status429TooManyRequests ? "https://tools.ietf.org/html/rfc6585#section-4" : null;
        var problem = TypedResults.Problem(detail, statusCode: status, title: title, type: type, extensions: [new("code", refusal.Code)]);
        return problem.ExecuteAsync(context);
    }

    private static int RetryAfter(TenantException refusal) =>
        refusal.RetryAfter is { } known ? Math.Max(1, (int)Math.Ceiling(known.TotalSeconds)) : RetryAfterSeconds;

    private static (int Status, string Title, string Detail) Answer(string code) => code switch
    {
        TenantErrorCodes.Missing => (400, "No tenant was named", "This needs a tenant, and the request names none."),
        TenantErrorCodes.Unknown => (404, "Unknown tenant", "The request names a tenant that does not exist."),
        TenantErrorCodes.Suspended => (403, "Suspended tenant", "The tenant is suspended."),
        TenantErrorCodes.Mismatch => (403, "Contradicting tenants", "The request names several tenants, or one that its user does not belong to."),
        TenantErrorCodes.Busy => (429, "Tenant busy", "The tenant asks for more than its share. Try again later, and less often."),
        _ => (503, "Tenant unavailable", "The tenant cannot be served now. Try again later."),
    };

    [LoggerMessage(EventId = 2001, Message = "The request was refused with {Code}: {Reason}")]
    private static partial void Refused(ILogger logger, LogLevel level, string code, string reason, Exception exception);
}
