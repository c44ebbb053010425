using Freehold.Contracts;
using MassTransit;

namespace Freehold.Processes.Host.Bus;

public sealed record VisitOrdered(Guid Visit);

public sealed record VisitPaid(Guid Visit);

[AllowNoTenant]
public sealed record OpenVisitOrdered(Guid Visit);

[AllowNoTenant]
public sealed record OpenVisitPaid(Guid Visit);

/// <summary>Answers where it is asked.</summary>
public sealed class VisitConsumer(FarSide farSide) : IConsumer<VisitOrdered>
{
    public async Task Consume(ConsumeContext<VisitOrdered> context)
    {
        await farSide.VisitAsync(context.Message.Visit);
        if (context.ResponseAddress is not null)
        {
            await context.RespondAsync(new VisitPaid(context.Message.Visit));
        }
    }
}

/// <summary>The same for those that may lack a tenant.</summary>
public sealed class OpenVisitConsumer(FarSide farSide) : IConsumer<OpenVisitOrdered>
{
    public async Task Consume(ConsumeContext<OpenVisitOrdered> context)
    {
        await farSide.VisitAsync(context.Message.Visit);
        if (context.ResponseAddress is not null)
        {
            await context.RespondAsync(new OpenVisitPaid(context.Message.Visit));
        }
    }
}
