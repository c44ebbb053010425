namespace Freehold.Analyzers.Tests;

public class QueryTests
{
    [Theory]
    [InlineData("db.Orders.{|FH0003:IgnoreQueryFilters|}().ToList();")]
    [InlineData("await db.Set<Order>().Where(order => order.Id > 0).{|FH0003:IgnoreQueryFilters|}().CountAsync();")]
    [InlineData("var orders = db.Orders.AsNoTracking(); _ = orders.{|FH0003:IgnoreQueryFilters|}();")]
    [InlineData("_ = (from order in db.Orders where flag select order).{|FH0003:IgnoreQueryFilters|}();")]
    [InlineData("_ = EntityFrameworkQueryableExtensions.{|FH0003:IgnoreQueryFilters|}(db.Orders);")]
    public Task Ignoring_all_filters_of_a_tenants_context_is_reported(string statement) =>
        UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statement));

    [Theory]
    [InlineData("_ = db.Orders.IgnoreQueryFilters([\"Deleted\"]);")]
    [InlineData("_ = sharedDb.Orders.IgnoreQueryFilters();")]
    [InlineData("_ = localDb.Orders.IgnoreQueryFilters();")]
    [InlineData("_ = unknownDb.Orders.IgnoreQueryFilters();")]
    [InlineData("_ = query.IgnoreQueryFilters();")]
    [InlineData("_ = db.Orders.IgnoreAutoIncludes();")]
    public Task Ignoring_filters_by_name_or_elsewhere_is_not(string statement) => UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statement));

    [Theory]
    [InlineData("db.Orders.{|FH0004:FromSqlRaw|}($\"select * from orders where item = '{name}'\").ToList();")]
    [InlineData("db.Orders.{|FH0004:FromSqlRaw|}(\"select * from orders where item = '\" + name + \"'\").ToList();")]
    [InlineData("db.Orders.{|FH0004:FromSqlRaw|}(string.Format(\"select * from orders where item = '{0}'\", name)).ToList();")]
    [InlineData("db.Orders.{|FH0004:FromSqlRaw|}(string.Concat(\"select * from \", name)).ToList();")]
    [InlineData("db.Database.{|FH0004:ExecuteSqlRaw|}($\"delete from {_field}\");")]
    [InlineData("await db.Database.{|FH0004:ExecuteSqlRawAsync|}($\"delete from {name}\", id);")]
    [InlineData("_ = db.Database.{|FH0004:SqlQueryRaw<int>|}($\"select {name.ToUpper()}\");")]
    [InlineData("var sql = $\"delete from {name}\"; db.Database.{|FH0004:ExecuteSqlRaw|}(sql);")]
    [InlineData("var sql = \"delete from orders\"; if (flag) { sql += $\" where item = '{name}'\"; } db.Database.{|FH0004:ExecuteSqlRaw|}(sql);")]
    [InlineData("var sql = \"delete from orders where item = \"; sql += name; db.Database.{|FH0004:ExecuteSqlRaw|}(sql);")]
    [InlineData("var sql = \"delete from orders\"; sql = sql + \" where item = \" + name; db.Database.{|FH0004:ExecuteSqlRaw|}(sql);")]
    [InlineData("var database = db.Database; database.{|FH0004:ExecuteSqlRaw|}(flag ? \"select 1\" : $\"select {name}\");")]
    [InlineData("db.Database.{|FH0004:ExecuteSql|}(FormattableStringFactory.Create($\"select '{name}'\"));")]
    public Task SQL_put_together_with_text_from_outside_is_reported(string statement) => UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statement));

    [Theory]
    [InlineData("db.Orders.FromSql($\"select * from orders where item = {name}\").ToList();")]
    [InlineData("db.Database.ExecuteSqlInterpolated($\"delete from orders where item = {name}\");")]
    [InlineData("FormattableString sql = $\"delete from orders where item = {name}\"; await db.Database.ExecuteSqlAsync(sql);")]
    [InlineData("db.Database.ExecuteSqlRaw(\"delete from orders where item = {0}\", name);")]
    [InlineData("db.Database.ExecuteSqlRaw(name);")]
    [InlineData("const string table = \"orders\"; db.Database.ExecuteSqlRaw($\"delete from {table}\");")]
    [InlineData("db.Database.ExecuteSqlRaw(\"delete from orders \" + \"where id = 1\");")]
    [InlineData("db.Database.ExecuteSqlRaw($\"delete from orders where id = {id} and day < '{day:O}' and {flag}\");")]
    [InlineData("int? limit = id; db.Database.ExecuteSqlRaw($\"delete from orders where id = {limit} or id = {(int?)id} and kind = {StringComparison.Ordinal:D}\");")]
    [InlineData("db.Database.ExecuteSqlRaw($\"select * from orders order by {(flag ? \"id\" : \"item\")}\");")]
    [InlineData("var column = name switch { \"id\" => \"id\", _ => throw new ArgumentException(name) }; db.Database.ExecuteSqlRaw($\"select * from orders order by {column}\");")]
    [InlineData("db.Database.ExecuteSqlRaw($\"delete from {Table}\");")]
    [InlineData("db.Database.ExecuteSqlRaw(string.Format(\"delete from orders where id = {0}\", id));")]
    [InlineData("sharedDb.Database.ExecuteSqlRaw($\"delete from {name}\");")]
    [InlineData("unknownDb.Database.ExecuteSqlRaw($\"delete from {name}\");")]
    [InlineData("_ = localDb.Orders.FromSqlRaw($\"select * from {name}\");")]
    public Task SQL_that_nothing_from_outside_gets_into_is_not(string statement) => UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statement));

    [Theory]
    [InlineData("using var admin = AdminScope.Enter(services, \"report\"); _ = db.Orders.IgnoreQueryFilters();")]
    [InlineData("using (AdminScope.Enter(services, \"report\")) { _ = db.Orders.IgnoreQueryFilters(); }")]
    [InlineData("using AdminScope admin = AdminScope.Enter(services, \"report\"); if (flag) { db.Database.ExecuteSqlRaw($\"select '{name}'\"); }")]
    [InlineData("using (var admin = AdminScope.Enter(services, \"report\")) { await Task.Run(() => db.Orders.IgnoreQueryFilters().ToList()); }")]
    public Task Inside_an_admin_scope_both_are_let_pass(string statements) => UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statements));

    [Theory]
    [InlineData("_ = db.Orders.{|FH0003:IgnoreQueryFilters|}(); using var admin = AdminScope.Enter(services, \"report\");")]
    [InlineData("using (AdminScope.Enter(services, \"report\")) { } _ = db.Orders.{|FH0003:IgnoreQueryFilters|}();")]
    [InlineData("using (TenantScope.Enter(tenant)) { _ = db.Orders.{|FH0003:IgnoreQueryFilters|}(); }")]
    [InlineData("using var entered = TenantScope.Enter(tenant); _ = db.Orders.{|FH0003:IgnoreQueryFilters|}();")]
    public Task Beside_one_they_are_reported(string statements) => UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statements));

    [Fact]
    public Task In_a_library_every_context_may_be_a_tenants() => UserCode.ShouldBeReportedInALibraryAsMarkedAsync(
        UserCode.Method("_ = unknownDb.Orders.{|FH0003:IgnoreQueryFilters|}(); db.Database.{|FH0004:ExecuteSqlRaw|}($\"select '{name}'\");"));
}
