using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Hops;

/// <summary>What signing and verifying a tenant cost by themselves.</summary>
internal sealed class SigningTable(Report report, Effort effort)
{
    private const string Message = "4f5b1d4c-7c9b-4c3e-9d52-0a9f3a1be001";
    private const string Type = "urn:message:Shop.Orders:OrderPlaced";

    public async Task RunAsync()
    {
        report.Doing("signing");
        var services = new ServiceCollection();
        services.AddLogging();
        Hop.Signed.AddTo(services);
        await using var provider = services.BuildServiceProvider();
        var signer = provider.GetRequiredService<TenantSigner>();
        var tenant = HopExtensions.Acme.Id.Value;
        var signature = signer.Sign(TenantCarrier.Message, tenant, Message, Type);
        report.Differences("TenantSigner, a tenant bound to a message's id and type", await new Comparison(
            Of("nothing", () => { }),
            [
                Of("Sign", () => signer.Sign(TenantCarrier.Message, tenant, Message, Type), Aim.Time(2_000)),
                Of("Verify", () => signer.Verify(TenantCarrier.Message, tenant, signature, Message, Type), Aim.Time(2_000)),
            ],
            Operations: 20_000,
            effort.Rounds(80)).RunAsync());
    }

    private static Candidate Of(string name, Action operation, Aim? aim = null) => new(
        name,
        count =>
        {
            for (var i = 0; i < count; i++)
            {
                operation();
            }

            return Task.CompletedTask;
        },
        aim);
}
