using Freehold.Contracts;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Grpc.Core;
using Grpc.Net.ClientFactory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests.Propagation;

[Boundary("ASP.NET Core", "gRPC", "unary")]
public sealed class UnaryPropagationTests() : GrpcPropagationTests(VisitClient.UnaryAsync);

[Boundary("ASP.NET Core", "gRPC", "server streaming")]
public sealed class ServerStreamingPropagationTests() : GrpcPropagationTests(VisitClient.DownAsync);

[Boundary("ASP.NET Core", "gRPC", "client streaming")]
public sealed class ClientStreamingPropagationTests() : GrpcPropagationTests(VisitClient.UpAsync);

[Boundary("ASP.NET Core", "gRPC", "bidirectional streaming")]
public sealed class DuplexPropagationTests() : GrpcPropagationTests(VisitClient.BothAsync);

[Boundary("ASP.NET Core", "gRPC", "bidirectional streaming, signed")]
public sealed class SignedGrpcPropagationTests() : GrpcPropagationTests(VisitClient.BothAsync)
{
    protected override void ConfigureTenancy(MultiTenancyBuilder tenancy)
    {
        base.ConfigureTenancy(tenancy);
        tenancy.SignTenants(signing => signing.Keys["k1"] = Convert.ToBase64String(new byte[32]));
    }
}

public abstract class GrpcPropagationTests(Func<VisitClient, string, Task> call) : WebBoundaryTests
{
    private string _address = "";

    protected override HttpProtocols Protocol => HttpProtocols.Http2;

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddGrpc();
        services.AddGrpcClient<VisitClient>("strict", client => client.Address = new(_address)).AddTenantHeader();
        services.AddGrpcClient<LaxVisitClient>("free", client => client.Address = new(_address)).AddTenantHeader();
    }

    protected override void Map(WebApplication app)
    {
        app.MapGrpcService<VisitGrpc>();
        app.MapGrpcService<LaxVisitGrpc>();
    }

    protected override async Task<Crossing> CrossAsync(WebApplication app, string? tenantId, Guid visit, bool mayLackTenant)
    {
        _address = app.Urls.First();
        using var entered = tenantId is null ? null : TenantScope.Enter(new Tenant(tenantId));
        var clients = app.Services.GetRequiredService<GrpcClientFactory>();
        VisitClient client = mayLackTenant ? clients.CreateClient<LaxVisitClient>("free") : clients.CreateClient<VisitClient>("strict");
        try
        {
            await call(client, visit.ToString());
            return new();
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unknown)
        {
            throw new FarSideException();
        }
        catch (RpcException refusal)
        {
            return new(refusal.Status.Detail);
        }
    }
}

public sealed class VisitGrpc(FarSide far) : VisitServiceBase
{
    protected override Task VisitAsync(string visit) => far.VisitAsync(Guid.Parse(visit));
}

[AllowNoTenant]
public sealed class LaxVisitGrpc(FarSide far) : LaxVisitServiceBase
{
    protected override Task VisitAsync(string visit) => far.VisitAsync(Guid.Parse(visit));
}
