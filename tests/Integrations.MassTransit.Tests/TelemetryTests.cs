using System.Diagnostics;
using Freehold.Integrations.MassTransit.Tests.Hosting;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Spans_of_a_delivery_name_the_tenant()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MassTransit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await Shop.OpenAsync(Wire.InMemory);
        Activity? consuming = null;
        var watched = host.Script().Plan(_ =>
        {
            consuming = Activity.Current;
            return Task.CompletedTask;
        });

        await host.PlaceAsync("acme", watched);
        await host.Deliveries.Of(watched).CompletedAsync();

        var spans = Chain(consuming).Select(span => $"{span.OperationName}: {span.GetTagItem("tenant.id")}").ToArray();
        spans.ShouldNotBeEmpty();
        spans.ShouldAllBe(span => span.EndsWith(": acme"));
    }

    private static IEnumerable<Activity> Chain(Activity? activity)
    {
        for (; activity is not null && activity.Kind != ActivityKind.Producer; activity = activity.Parent)
        {
            yield return activity;
        }
    }
}
