using Grpc.Core;

namespace Freehold.Integrations.AspNetCore.Tests.Hosting;

/// <summary>What protoc would generate for a service with a method of each kind, over plain strings, so that no compiler of protocol buffers is needed.</summary>
[BindServiceMethod(typeof(VisitServiceBase), nameof(Bind))]
public abstract class VisitServiceBase
{
    public static void Bind(ServiceBinderBase binder, VisitServiceBase? service) => VisitMethods.Strict.Bind(binder, service);

    public virtual async Task<string> Unary(string request, ServerCallContext context)
    {
        await VisitAsync(request);
        return request;
    }

    public virtual async Task Down(string request, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        await responses.WriteAsync(request);
        await VisitAsync(request);
        await responses.WriteAsync(request);
    }

    public virtual async Task<string> Up(IAsyncStreamReader<string> requests, ServerCallContext context)
    {
        var last = "";
        await foreach (var request in requests.ReadAllAsync())
        {
            last = request;
        }

        await VisitAsync(last);
        return last;
    }

    public virtual async Task Both(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        await foreach (var request in requests.ReadAllAsync())
        {
            await responses.WriteAsync(request);
            await VisitAsync(request);
            await responses.WriteAsync(request);
        }
    }

    protected abstract Task VisitAsync(string visit);
}

/// <summary>The same under another name; a service's methods are looked for in the class that binds them.</summary>
[BindServiceMethod(typeof(LaxVisitServiceBase), nameof(BindLax))]
public abstract class LaxVisitServiceBase : VisitServiceBase
{
    public static void BindLax(ServiceBinderBase binder, LaxVisitServiceBase? service) => VisitMethods.Lax.Bind(binder, service);

    public new virtual Task<string> Unary(string request, ServerCallContext context) => base.Unary(request, context);

    public new virtual Task Down(string request, IServerStreamWriter<string> responses, ServerCallContext context) =>
        base.Down(request, responses, context);

    public new virtual Task<string> Up(IAsyncStreamReader<string> requests, ServerCallContext context) => base.Up(requests, context);

    public new virtual Task Both(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context) =>
        base.Both(requests, responses, context);
}

public class VisitClient(CallInvoker calls) : ClientBase(calls)
{
    private protected virtual VisitMethods Methods => VisitMethods.Strict;

    public static async Task UnaryAsync(VisitClient client, string visit) =>
        await client.CallInvoker.AsyncUnaryCall(client.Methods.Unary, null, default, visit);

    public static async Task DownAsync(VisitClient client, string visit)
    {
        using var call = client.CallInvoker.AsyncServerStreamingCall(client.Methods.Down, null, default, visit);
        await DrainAsync(call.ResponseStream);
    }

    public static async Task UpAsync(VisitClient client, string visit)
    {
        using var call = client.CallInvoker.AsyncClientStreamingCall(client.Methods.Up, null, default);
        await WriteAsync(call.RequestStream, visit);
        await call;
    }

    public static async Task BothAsync(VisitClient client, string visit)
    {
        using var call = client.CallInvoker.AsyncDuplexStreamingCall(client.Methods.Both, null, default);
        await WriteAsync(call.RequestStream, visit);
        await DrainAsync(call.ResponseStream);
    }

    // A call that was refused says so when its answer is read.
    private static async Task WriteAsync(IClientStreamWriter<string> requests, string visit)
    {
        try
        {
            await requests.WriteAsync(visit);
            await requests.CompleteAsync();
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException)
        {
        }
    }

    private static async Task DrainAsync(IAsyncStreamReader<string> responses)
    {
        await foreach (var _ in responses.ReadAllAsync())
        {
            await Task.Yield();
        }
    }
}

public sealed class LaxVisitClient(CallInvoker calls) : VisitClient(calls)
{
    private protected override VisitMethods Methods => VisitMethods.Lax;
}

internal sealed class VisitMethods(string service)
{
    public static VisitMethods Strict { get; } = new("Visits");

    public static VisitMethods Lax { get; } = new("LaxVisits");

    public Method<string, string> Unary { get; } = Of(MethodType.Unary, service, nameof(VisitServiceBase.Unary));

    public Method<string, string> Down { get; } = Of(MethodType.ServerStreaming, service, nameof(VisitServiceBase.Down));

    public Method<string, string> Up { get; } = Of(MethodType.ClientStreaming, service, nameof(VisitServiceBase.Up));

    public Method<string, string> Both { get; } = Of(MethodType.DuplexStreaming, service, nameof(VisitServiceBase.Both));

    public void Bind(ServiceBinderBase binder, VisitServiceBase? service)
    {
        binder.AddMethod(Unary, service is null ? null : new UnaryServerMethod<string, string>(service.Unary));
        binder.AddMethod(Down, service is null ? null : new ServerStreamingServerMethod<string, string>(service.Down));
        binder.AddMethod(Up, service is null ? null : new ClientStreamingServerMethod<string, string>(service.Up));
        binder.AddMethod(Both, service is null ? null : new DuplexStreamingServerMethod<string, string>(service.Both));
    }

    private static Method<string, string> Of(MethodType type, string service, string name) =>
        new(type, service, name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);
}
