using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Tags the spans of Courier's activities, which are children of the delivery's.</summary>
internal sealed class ActivityObserver(ITenantContext tenants) : IActivityConfigurationObserver
{
    public void ActivityConfigured<TActivity, TArguments>(IExecuteActivityConfigurator<TActivity, TArguments> configurator, Uri compensateAddress)
        where TActivity : class, IExecuteActivity<TArguments>
        where TArguments : class =>
        ExecuteActivityConfigured(configurator);

    public void ExecuteActivityConfigured<TActivity, TArguments>(IExecuteActivityConfigurator<TActivity, TArguments> configurator)
        where TActivity : class, IExecuteActivity<TArguments>
        where TArguments : class =>
        configurator.UseFilter(new SpanFilter<ExecuteActivityContext<TActivity, TArguments>>(tenants));

    public void CompensateActivityConfigured<TActivity, TLog>(ICompensateActivityConfigurator<TActivity, TLog> configurator)
        where TActivity : class, ICompensateActivity<TLog>
        where TLog : class =>
        configurator.UseFilter(new SpanFilter<CompensateActivityContext<TActivity, TLog>>(tenants));
}
