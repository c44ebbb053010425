using Freehold.Integrations.MassTransit.Consuming;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Sagas;

/// <summary>Before the repository is asked, inside retries: ends the delivery of what the instance refused. The repository has rolled back.</summary>
internal sealed class SagaRefusal<TMessage> : IFilter<ConsumeContext<TMessage>> where TMessage : class
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public async Task Send(ConsumeContext<TMessage> context, IPipe<ConsumeContext<TMessage>> next)
    {
        try
        {
            await next.Send(context).ConfigureAwait(false);
        }
        catch (TenantMismatchException e) when (SagaRefusal.Is(e))
        {
            throw new DeliveryRefusedException(e, context.CancellationToken);
        }
    }
}

/// <summary>Tells a refusal of ours from a mismatch that the saga's own code met.</summary>
internal static class SagaRefusal
{
    private const string Code = "code";

    /// <summary>The code travels with the fault, to the requester.</summary>
    public static TenantMismatchException Of(TenantMismatchException refusal)
    {
        refusal.Data[Code] = refusal.Code;
        return refusal;
    }

    public static bool Is(TenantMismatchException exception) => exception.Data.Contains(Code);
}
