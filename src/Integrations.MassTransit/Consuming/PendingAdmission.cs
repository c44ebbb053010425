using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Travels with a delivery that has no tenant (yet): because it names none, or a wrong one, or because nobody could say.</summary>
internal sealed class PendingAdmission(ConsumeContext delivery, TenantException reason)
{
    private TenantException? _unreported = reason;
    private volatile TenantException? _refusal = reason is TenantMissingException || reason.IsRetryable ? null : reason;

    /// <summary>The delivery as it came in, before outboxes and retries: what is sent through it is sent now.</summary>
    public ConsumeContext Delivery { get; } = delivery;

    /// <summary>What admission said first.</summary>
    public TenantException Reason { get; } = reason;

    /// <summary>Set where the message is refused. One without a tenant is refused only where it is consumed as a type that needs one.</summary>
    public TenantException? Refusal => _refusal;

    /// <summary>Nobody could say, and no consumer is running: what is sent now is the delivery itself, for later.</summary>
    public bool IsUndecided => Reason.IsRetryable && !IsRunning;

    /// <summary>A later attempt was admitted and runs.</summary>
    public bool IsRunning { get; set; }

    public TenantException Refuse(TenantException refusal) => _refusal = refusal;

    /// <summary>The first answer, once: the first attempt need not ask again.</summary>
    public TenantException? TakeUnreported() => Interlocked.Exchange(ref _unreported, null);
}

/// <summary>Ends a refused delivery. Retries and redelivery let a cancellation of their own delivery pass; outboxes roll back.</summary>
internal sealed class DeliveryRefusedException(TenantException refusal, CancellationToken delivery)
    : OperationCanceledException("The delivery was refused; its fault says why.", refusal, delivery)
{
    public TenantException Refusal { get; } = refusal;
}
