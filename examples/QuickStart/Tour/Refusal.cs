using System.Text.Json;
using Freehold;

namespace QuickStart.Tour;

/// <summary>A request that must be refused, and how it was answered.</summary>
internal sealed record Refusal(string What, int ExpectedStatus, string ExpectedCode, int Status, string? Code)
{
    // An order of this size in anybody's data came in by one of these requests.
    public const int Quantity = 666;

    /// <summary>A sentence, if it was answered otherwise.</summary>
    public string? Defect => (Status, Code) == (ExpectedStatus, ExpectedCode)
        ? null
        : $"{What}: the answer was {Status} {Code}, and should have been {ExpectedStatus} {ExpectedCode}.";

    public static async Task<IReadOnlyList<Refusal>> ProvokeAllAsync(Customers customers, CancellationToken cancellationToken)
    {
        var ann = await customers.SignInAsync("ann", cancellationToken);
        return
        [
            await ProvokeAsync("no tenant named", null, null, 400, TenantErrorCodes.Missing),
            await ProvokeAsync("nobody's id: umbrella", "umbrella", null, 404, TenantErrorCodes.Unknown),
            await ProvokeAsync("a suspended tenant: initech", "initech", null, 403, TenantErrorCodes.Suspended),
            await ProvokeAsync("ann of acme asks for globex", "globex", ann, 403, TenantErrorCodes.Mismatch),
        ];

        async Task<Refusal> ProvokeAsync(string what, string? tenant, string? token, int status, string code)
        {
            using var response = await customers.SendOrderAsync(tenant, token, Quantity, cancellationToken);
            return new(what, status, code, (int)response.StatusCode, await CodeAsync(response, cancellationToken));
        }
    }

    /// <summary>The code in an answer: of problem details, or of a GraphQL error.</summary>
    public static async Task<string?> CodeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await Customers.ReadAsync(response, cancellationToken);
            if (problem.TryGetProperty("errors", out var errors))
            {
                problem = errors[0].GetProperty("extensions");
            }

            return problem.TryGetProperty("code", out var code) ? code.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
