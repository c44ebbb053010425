namespace Freehold.Core.Tests.Stores;

public class TenantTagsTests
{
    [Fact]
    public void Tags_are_a_value_whatever_the_order_they_were_written_in()
    {
        TenantTags tags = ["eu", "beta", "eu"];

        tags.ShouldBe(["beta", "eu"]);
        tags.Equals(["beta", "eu"]).ShouldBeTrue();
        tags.GetHashCode().ShouldBe(TenantTags.Create("beta", "eu").GetHashCode());
        (new Tenant("acme") { Tags = tags } == new Tenant("acme") { Tags = ["beta", "eu"] }).ShouldBeTrue();
        (new Tenant("acme") { Tags = tags } == new Tenant("acme")).ShouldBeFalse();
        tags.Contains("eu").ShouldBeTrue();
        tags.Contains("EU").ShouldBeFalse();
        new Tenant("acme").Tags.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a,b")]
    [InlineData("größe")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void What_cannot_be_written_on_a_command_line_is_no_tag(string tag)
    {
        TenantTags.IsValid(tag).ShouldBeFalse();
        Should.Throw<FormatException>(() => TenantTags.Create("eu", tag)).Message.ShouldContain("tag");
    }
}
