using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.MassTransit.Tests;

/// <summary>Somebody who can write to the broker, and has no key.</summary>
public sealed class SigningTests : IAsyncLifetime
{
    private readonly EventLog _log = new();
    private RabbitVirtualHost _broker = null!;
    private RawBroker _raw = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await (await RabbitServer.GetAsync()).CreateVirtualHostAsync();
        _raw = await RawBroker.ConnectAsync(_broker);
    }

    public ValueTask DisposeAsync() => _raw.DisposeAsync();

    [Theory]
    [InlineData("unsigned", "it came without tenant-signature")]
    [InlineData("another tenant", "was made for another tenant or for something else")]
    [InlineData("another message id", "was made for another tenant or for something else")]
    [InlineData("no message id", "was made for another tenant or for something else")]
    [InlineData("the signature of another message", "was made for another tenant or for something else")]
    [InlineData("a key of their own", "signed with the key 'own'")]
    [InlineData("malformed", "is malformed")]
    [InlineData("both stripped", "came without the header tenant-id")]
    public async Task A_forged_message_is_refused_once_with_one_event_that_says_why_and_not_the_key(string forgery, string reason)
    {
        await using var host = await OpenAsync("old");
        var (message, other) = (await SignedByAsync(host), await SignedByAsync(host));
        var order = host.Script().Plan();
        message.Order = order;

        Forge(forgery, message, other);
        await _raw.PutAsync("Order", message);

        var buried = await _raw.TakeFromErrorAsync("Order");
        buried.Id.ShouldBe(message.Id);
        host.Script().WasConsumed(order).ShouldBeFalse();
        host.Deliveries.Of(message.Id ?? Guid.Empty).Attempts.ShouldBe(1);
        var written = _log.Events.Where(happened => happened.Id.Id == 3101).Select(happened => happened.Text).ShouldHaveSingleItem();
        written.ShouldContain(reason);
        _log.Events.ShouldAllBe(happened => !happened.Text.Contains(Keys.Secret("old")));
    }

    [Fact]
    public async Task What_is_not_forged_is_served_also_when_it_comes_by_hand()
    {
        await using var host = await OpenAsync("old");
        var message = await SignedByAsync(host);
        var order = host.Script().Plan();
        message.Order = order;

        await _raw.PutAsync("Order", message);

        (await host.Script().SeenAsync(order)).ShouldBe(new Sight("acme", "acme", "acme"));
    }

    [Fact]
    public async Task A_message_moved_back_from_the_error_queue_keeps_its_tenant_and_signature()
    {
        await using var host = await OpenAsync("old");
        var (failures, moved) = (3, new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously));
        var order = host.Script().Plan(_ =>
        {
            if (failures-- > 0)
            {
                throw new FarSideException();
            }

            moved.SetResult(host.Script().Tenant);
            return Task.CompletedTask;
        });

        await host.PlaceAsync("acme", order);
        await _raw.PutAsync("Order", await _raw.TakeFromErrorAsync("Order"));

        (await moved.Task.WaitAsync(Visit.Patience)).ShouldBe("acme");
    }

    [Fact]
    public async Task A_key_is_changed_without_downtime_and_refused_after_its_removal()
    {
        RawMessage first;
        await using (var before = await OpenAsync("old"))
        {
            first = await SignedByAsync(before);
        }

        await using (var during = await OpenAsync("old", "new"))
        {
            var order = during.Script().Plan();
            first.Order = order;
            await _raw.PutAsync("Order", first);
            (await during.Script().SeenAsync(order)).Running.ShouldBe("acme");
            (await SignedByAsync(during))[TenantHeader.Signature].ShouldStartWith("v1.new.");
        }

        await using var after = await OpenAsync("new");
        await _raw.PutAsync("Order", first);
        await _raw.TakeFromErrorAsync("Order");
        _log.RefusalsOf(first.Id!.Value).ShouldHaveSingleItem().ShouldContain("signed with the key 'old'");
    }

    [Fact]
    public async Task What_a_consumer_of_a_signed_message_sends_without_a_tenant_carries_no_signature()
    {
        await using var host = await OpenAsync("old");
        var notice = Guid.NewGuid();
        var signature = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script().Plan(notice, consumed =>
        {
            signature.SetResult(consumed.Headers.Get<string>(TenantHeader.Signature));
            return Task.CompletedTask;
        });

        await host.PlaceAsync("acme", host.Script().Plan(async consumed =>
        {
            using var scope = TenantScope.EnterNone();
            await consumed.Publish(new Notice(notice));
        }));

        (await signature.Task.WaitAsync(Visit.Patience)).ShouldBeNull();
    }

    private static void Forge(string forgery, RawMessage message, RawMessage other)
    {
        switch (forgery)
        {
            case "unsigned":
                message[TenantHeader.Signature] = null;
                break;
            case "another tenant":
                message[TenantHeader.Name] = "globex";
                break;
            case "another message id":
                message.Id = Guid.NewGuid();
                break;
            case "no message id":
                message.Id = null;
                break;
            case "the signature of another message":
                message[TenantHeader.Signature] = other[TenantHeader.Signature];
                break;
            case "a key of their own":
                message[TenantHeader.Signature] = message[TenantHeader.Signature]!.Replace(".old.", ".own.", StringComparison.Ordinal);
                break;
            case "malformed":
                message[TenantHeader.Signature] = "v1.old";
                break;
            default:
                (message[TenantHeader.Name], message[TenantHeader.Signature]) = (null, null);
                break;
        }
    }

    private Task<BusHost> OpenAsync(params string[] keys) => Shop.OpenAsync(Wire.Shared(_broker), tenancy: tenancy =>
    {
        tenancy.UseTenants(ContractTenants.All).SignTenants(Keys.Use(keys));
        tenancy.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(_log));
    });

    /// <summary>A message for acme as the bus signs it.</summary>
    private async Task<RawMessage> SignedByAsync(BusHost host)
    {
        await _raw.TapAsync<Order>();
        var order = host.Script().Plan();
        await host.PlaceAsync("acme", order);
        await host.Deliveries.Of(order).CompletedAsync();
        return await _raw.TakeTappedAsync();
    }
}
