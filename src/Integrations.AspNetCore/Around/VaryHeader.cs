using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.ResponseCaching;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// Tells caches by which headers the responses of tenants differ, so that none hands one tenant's response to another. A filter of MVC
/// as well: <c>[ResponseCache]</c> drops what Vary said before, and the response cache reads it before the response starts.
/// </summary>
internal sealed class VaryHeader(IOptions<AspNetCoreMultiTenancyOptions> options, SignedHeader signed) : IActionFilter, IResultFilter, IOrderedFilter
{
    private const string Everything = "*";

    private readonly string[] _names = [.. options.Value.Sources
        .SelectMany(source => source.Vary).Distinct(StringComparer.OrdinalIgnoreCase)];

    public int Order => int.MaxValue;

    public void AddTo(HttpResponse response)
    {
        if (_names.Length > 0)
        {
            Append(response);
            response.OnStarting(() =>
            {
                Append(response);
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>The response cache reads Vary at the first byte of the body, or at the end of a response without one.</summary>
    /// <returns>The body as it was, for <see cref="Leave"/>; null where there is no response cache in front.</returns>
    public Stream? Watch(HttpResponse response)
    {
        if (_names.Length == 0 || response.HttpContext.Features.Get<IResponseCachingFeature>() is null)
        {
            return null;
        }

        var body = response.Body;
        response.Body = new WatchedBody(body, () => Append(response));
        return body;
    }

    public void Leave(HttpResponse response, Stream? body)
    {
        if (body is not null)
        {
            Append(response);
            response.Body = body;
        }
    }

    public void OnActionExecuting(ActionExecutingContext context) => Append(context.HttpContext.Response);

    public void OnActionExecuted(ActionExecutedContext context)
    {
    }

    public void OnResultExecuting(ResultExecutingContext context) => Append(context.HttpContext.Response);

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }

    private void Append(HttpResponse response)
    {
        if (response.HasStarted)
        {
            return;
        }

        // Alone, or the response cache overlooks it.
        if (_names.Contains(Everything) || signed.Decides(response.HttpContext.Request))
        {
            response.Headers.Vary = Everything;
            return;
        }

        var present = response.Headers.GetCommaSeparatedValues(HeaderNames.Vary);
        var missing = _names.Except(present, StringComparer.OrdinalIgnoreCase).ToArray();
        if (missing.Length > 0)
        {
            response.Headers.Vary = StringValues.Concat(response.Headers.Vary, string.Join(", ", missing));
        }
    }
}
