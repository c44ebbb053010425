using Freehold.Contracts;
using Freehold.Shared;

namespace Freehold.Processes.Tests;

[Boundary("MassTransit", "publish", "two processes, RabbitMQ")]
public sealed class PublishTests() : BusContract("publish");

[Boundary("MassTransit", "publish", "two processes, RabbitMQ, signed")]
public sealed class SignedPublishTests() : BusContract("publish", sign: true);

[Boundary("MassTransit", "send", "two processes, RabbitMQ")]
public sealed class SendTests() : BusContract("send");

[Boundary("MassTransit", "request/response", "two processes, RabbitMQ")]
public sealed class RequestTests() : BusContract("request/response");

[Boundary("MassTransit", "request/response", "two processes, RabbitMQ, signed")]
public sealed class SignedRequestTests() : BusContract("request/response", sign: true);

public abstract class BusContract(string way, bool sign = false) : TwoProcessContract(way, sign)
{
    protected override async Task<string> OpenCarrierAsync() =>
        (await (await RabbitServer.GetAsync()).CreateVirtualHostAsync()).Uri.ToString();
}
