using Freehold.Shared;

namespace Freehold.Operations.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_API_is_the_approved_one() => PublicApi.ShouldBeApproved(typeof(ITenantProvisioner).Assembly);
}
