using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// A tenant error as a gRPC client understands it: a status in the headers of a response without a body ("Trailers-Only" of
/// <see href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">the protocol</see>), with the code as its detail. Of problem
/// details it would see no more than the HTTP status.
/// </summary>
internal static class GrpcRefusal
{
    private const string MediaType = "application/grpc";

    public static bool IsFor(HttpRequest request) => request.ContentType?.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase) == true;

    public static void Write(HttpContext context, string code)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = context.Request.ContentType;
        response.Headers["grpc-status"] = Status(code).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = code;
    }

    // The numbers are gRPC's, paired with the HTTP statuses of problem details as google.rpc.Code pairs them.
    private static int Status(string code) => code switch
    {
        TenantErrorCodes.Missing => InvalidArgument,
        TenantErrorCodes.Unknown => NotFound,
        TenantErrorCodes.Suspended or TenantErrorCodes.Mismatch => PermissionDenied,
        TenantErrorCodes.Busy => ResourceExhausted,
        _ => Unavailable,
    };

    private const int InvalidArgument = 3;
    private const int NotFound = 5;
    private const int PermissionDenied = 7;
    private const int ResourceExhausted = 8;
    private const int Unavailable = 14;
}
