using Freehold.Shared;

namespace Freehold.Integrations.HotChocolate.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_API_is_the_approved_one() => PublicApi.ShouldBeApproved(typeof(HotChocolateMultiTenancyExtensions).Assembly);
}
