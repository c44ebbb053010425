using System.Security.Claims;
using System.Text.Json;
using Freehold.Core.Admission;
using Freehold.Integrations.HotChocolate.Requests;
using HotChocolate.AspNetCore;
using HotChocolate.AspNetCore.Subscriptions;
using HotChocolate.AspNetCore.Subscriptions.Protocols;
using HotChocolate.Execution;
using HotChocolate.Transport.Sockets;

namespace Freehold.Integrations.HotChocolate.Subscriptions;

/// <summary>
/// Around the application's own interceptor: fixes a socket's tenant when it connects, and runs whatever the application's does inside that tenant.
/// </summary>
internal sealed class TenantSockets(
    ISocketSessionInterceptor application,
    ITenantContext tenants,
    TenantAdmission admission,
    TenantSigner signer,
    RequestTrust? requests,
    HotChocolateMultiTenancyOptions options,
    TenantRefusal refusals) : ISocketSessionInterceptor
{
    public async ValueTask<ConnectionStatus> OnConnectAsync(
        ISocketSession session, IOperationMessagePayload connectionInitMessage, CancellationToken cancellationToken = default)
    {
        try
        {
            var tenant = await DecideAsync(session, connectionInitMessage, cancellationToken).ConfigureAwait(false);
            session.Connection.Features.Set(new SocketTenant(tenant));
            using var entered = TenantRequestMiddleware.Enter(tenant);
            var status = await application.OnConnectAsync(session, connectionInitMessage, cancellationToken).ConfigureAwait(false);

            // Again: this is where applications authenticate the user of a socket.
            Verify(session.Connection.HttpContext.User, tenant?.Id.Value);
            return status;
        }
        catch (TenantException refusal)
        {
            refusals.Log(refusal);
            await CloseAsync(session, refusal, cancellationToken).ConfigureAwait(false);
            return ConnectionStatus.Reject(refusal.Code);
        }
    }

    public async ValueTask OnRequestAsync(
        ISocketSession session, string operationSessionId, OperationRequestBuilder requestBuilder, CancellationToken cancellationToken = default)
    {
        requestBuilder.Features.Set(Of(session));
        using var entered = Enter(session);
        await application.OnRequestAsync(session, operationSessionId, requestBuilder, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<OperationResult> OnResultAsync(
        ISocketSession session, string operationSessionId, OperationResult result, CancellationToken cancellationToken = default)
    {
        using var entered = Enter(session);
        return await application.OnResultAsync(session, operationSessionId, result, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask OnCompleteAsync(ISocketSession session, string operationSessionId, CancellationToken cancellationToken = default)
    {
        using var entered = Enter(session);
        await application.OnCompleteAsync(session, operationSessionId, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyDictionary<string, object?>?> OnPingAsync(
        ISocketSession session, IOperationMessagePayload pingMessage, CancellationToken cancellationToken = default)
    {
        using var entered = Enter(session);
        return await application.OnPingAsync(session, pingMessage, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask OnPongAsync(ISocketSession session, IOperationMessagePayload pongMessage, CancellationToken cancellationToken = default)
    {
        using var entered = Enter(session);
        await application.OnPongAsync(session, pongMessage, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask OnCloseAsync(ISocketSession session, CancellationToken cancellationToken = default)
    {
        using var entered = Enter(session);
        await application.OnCloseAsync(session, cancellationToken).ConfigureAwait(false);
    }

    private static SocketTenant Of(ISocketSession session) => session.Connection.Features.Get<SocketTenant>() ?? new SocketTenant(null);

    private static TenantScope Enter(ISocketSession session) => TenantRequestMiddleware.Enter(Of(session).Tenant);

    private async ValueTask<Tenant?> DecideAsync(ISocketSession session, IOperationMessagePayload message, CancellationToken cancellationToken)
    {
        var upgrade = tenants.Current;
        if (message.Payload is not { ValueKind: JsonValueKind.Object } payload || !payload.TryGetProperty(TenantHeader.Name, out var property))
        {
            return upgrade;
        }

        var named = property.ToString();
        if (upgrade is not null)
        {
            return upgrade.Id.Value == named
                ? upgrade
                : throw new TenantMismatchException(upgrade.Id.Value, named, "The upgrade request and connection_init of a socket name different tenants");
        }

        if (!(options.TrustConnectionInit ?? requests is { Header: true }))
        {
            throw TenantUnknownException.NotBelieved(
                named, "connection_init is believed where HTTP requests may name their tenant in a header, or with HotChocolateMultiTenancyOptions.TrustConnectionInit");
        }

        if (signer.IsOn)
        {
            throw TenantUnknownException.NotBelieved(named, "connection_init is not signed. Name the tenant in the upgrade request");
        }

        Verify(session.Connection.HttpContext.User, named);
        return await admission.AdmitAsync(named, cancellationToken).ConfigureAwait(false);
    }

    private void Verify(ClaimsPrincipal? user, string? tenant)
    {
        var own = (user?.Identities ?? []).Where(identity => identity.IsAuthenticated).SelectMany(identity => identity.Claims)
            .Where(claim => options.VerifiedClaims.Contains(claim.Type) || requests?.VerifiedClaims.Contains(claim.Type) == true).Select(claim => claim.Value).ToArray();
        if (tenant is not null && own.Length > 0 && !own.Contains(tenant, StringComparer.Ordinal))
        {
            throw new TenantMismatchException(own[0], tenant, "A socket was refused because of the tenant claim of its authenticated user");
        }
    }

    // Before the protocol's handler does, which knows one code for all reasons. The legacy protocol says why in a message, and has no codes.
    private static async Task CloseAsync(ISocketSession session, TenantException refusal, CancellationToken cancellationToken)
    {
        var connection = session.Connection;
        if (session.Protocol.Name == WellKnownProtocols.GraphQL_WS)
        {
            var error = JsonSerializer.SerializeToUtf8Bytes(new
            {
                type = "connection_error",
                payload = new { message = TenantRefusal.TextOf(refusal), extensions = new { code = refusal.Code } },
            });
            await connection.SendAsync(error, cancellationToken).ConfigureAwait(false);
        }

        await connection.CloseAsync(refusal.Code, 4000 + TenantRefusal.StatusOf(refusal), cancellationToken).ConfigureAwait(false);
    }
}
