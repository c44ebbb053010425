using Freehold.Shared;

namespace Freehold.Integrations.Hangfire.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_API_is_the_approved_one() => PublicApi.ShouldBeApproved(typeof(HangfireMultiTenancyExtensions).Assembly);
}
