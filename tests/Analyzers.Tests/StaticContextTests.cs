namespace Freehold.Analyzers.Tests;

public class StaticContextTests
{
    [Theory]
    [InlineData("static ShopDb {|FH0001:_db|};")]
    [InlineData("static readonly ShopDb {|FH0001:Db|} = new(new());")]
    [InlineData("[ThreadStatic] static ShopDb {|FH0001:_db|};")]
    [InlineData("static Lazy<ShopDb> {|FH0001:Db|} = new(() => new(new()));")]
    [InlineData("static ThreadLocal<ShopDb> {|FH0001:_db|};")]
    [InlineData("static ShopDb {|FH0001:Db|} { get; set; }")]
    [InlineData("static CafeDb {|FH0001:_db|}; class CafeDb(DbContextOptions<ShopDb> options) : ShopDb(options);")]
    public Task A_static_member_that_keeps_a_tenants_context_is_reported(string member) => UserCode.ShouldBeReportedAsMarkedAsync($"class C {{ {member} }}");

    [Theory]
    [InlineData("ShopDb _db;")]
    [InlineData("static ITenantDbContextFactory<ShopDb> _factory; static ShopDb Db => _factory.Create();")]
    [InlineData("static ShopDb Make() => null;")]
    [InlineData("static Func<ShopDb> _make;")]
    [InlineData("static AsyncLocal<ShopDb> _db;")]
    [InlineData("static SharedDb _db;")]
    [InlineData("static LocalDb _db;")]
    [InlineData("static UnknownDb _db;")]
    [InlineData("static DbContext _db;")]
    [InlineData("""
        #pragma warning disable FH0001 // One tenant per process here.
        static ShopDb _db;
        #pragma warning restore FH0001
        """)]
    public Task Anything_else_is_not(string member) => UserCode.ShouldBeReportedAsMarkedAsync($"class C {{\n{member}\n}}");

    [Fact]
    public Task In_a_library_every_context_may_be_a_tenants() => UserCode.ShouldBeReportedInALibraryAsMarkedAsync(
        "class C { static ShopDb {|FH0001:_shop|}; static UnknownDb {|FH0001:_unknown|}; static DbContext {|FH0001:_any|}; }");

    [Fact]
    public Task In_a_library_a_context_that_is_registered_otherwise_is_not() => UserCode.ShouldBeReportedInALibraryAsMarkedAsync("""
        class C
        {
            static SharedDb _shared;
            static LocalDb _local;
            static void Register(MultiTenancyBuilder tenancy) => tenancy.AddSharedDbContext<SharedDb>().Services.AddDbContextFactory<LocalDb>();
        }
        """);

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        const string db = "using Microsoft.EntityFrameworkCore; public class Db : DbContext { static Db _db; }";

        (await UserCode.AnalyzeAsync((db, "Db.cs"))).Count.ShouldBe(1);
        (await UserCode.AnalyzeAsync((db, "Db.g.cs"))).ShouldBeEmpty();
    }
}
