namespace Freehold.Analyzers.Tests;

public class TenantScopeTests
{
    [Theory]
    [InlineData("{|FH0005:TenantScope.Enter(tenant)|};")]
    [InlineData("{|FH0005:TenantScope.EnterNone()|};")]
    [InlineData("_ = {|FH0005:TenantScope.Enter(tenant)|};")]
    [InlineData("{|FH0005:AdminScope.Enter(services, \"report\")|};")]
    [InlineData("var scope = {|FH0005:TenantScope.Enter(tenant)|}; db.SaveChanges();")]
    [InlineData("{|FH0005:TenantScope.Enter(await admission.AdmitAsync(\"acme\"))|};")]
    [InlineData("Action enter = () => {|FH0005:TenantScope.Enter(tenant)|};")]
    public Task A_scope_that_nothing_leaves_is_reported(string statements) => UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statements));

    [Theory]
    [InlineData("using var scope = TenantScope.Enter(tenant);")]
    [InlineData("using (TenantScope.Enter(tenant)) { }")]
    [InlineData("using (AdminScope.Enter(services, \"report\")) { }")]
    [InlineData("using (var scope = TenantScope.Enter(tenant)) { }")]
    [InlineData("var scope = TenantScope.Enter(tenant); try { } finally { scope.Dispose(); }")]
    [InlineData("var scope = TenantScope.Enter(tenant); Action leave = () => scope.Dispose();")]
    [InlineData("TenantScope scope; scope = TenantScope.Enter(tenant); scope.Dispose();")]
    [InlineData("TenantScope.Enter(tenant).Dispose();")]
    [InlineData("Func<TenantScope> enter = () => TenantScope.Enter(tenant);")]
    public Task One_that_is_left_or_handed_on_is_not(string statements) => UserCode.ShouldBeReportedAsMarkedAsync(UserCode.Method(statements));

    [Theory]
    [InlineData("async Task<TenantScope> EnterAsync() => {|FH0006:TenantScope.Enter(await admission.AdmitAsync(\"acme\"))|};")]
    [InlineData("async ValueTask<TenantScope> EnterAsync() { var scope = {|FH0006:TenantScope.Enter(await admission.AdmitAsync(\"acme\"))|}; return scope; }")]
    [InlineData("async Task<IDisposable> EnterAsync() { return {|FH0006:TenantScope.Enter(await admission.AdmitAsync(\"acme\"))|}; }")]
    [InlineData("async Task<AdminScope> EnterAsync(IServiceProvider services) { await Task.Yield(); return {|FH0006:AdminScope.Enter(services, \"report\")|}; }")]
    [InlineData("Func<Task<TenantScope>> Enter() => async () => {|FH0006:TenantScope.Enter(await admission.AdmitAsync(\"acme\"))|};")]
    [InlineData("void Run() { async Task<TenantScope> EnterAsync() => {|FH0006:TenantScope.Enter(await admission.AdmitAsync(\"acme\"))|}; }")]
    public Task An_async_method_that_returns_the_scope_it_entered_is_reported(string member) =>
        UserCode.ShouldBeReportedAsMarkedAsync($"class Helper(TenantAdmission admission) {{ {member} }}");

    [Theory]
    [InlineData("TenantScope Enter(Tenant tenant) => TenantScope.Enter(tenant);")]
    [InlineData("Task<TenantScope> Enter(Tenant tenant) => Task.FromResult(TenantScope.Enter(tenant));")]
    [InlineData("async Task<Tenant> AdmitAsync() => await admission.AdmitAsync(\"acme\");")]
    [InlineData("async Task<int> CountAsync(ShopDb db) { using var scope = TenantScope.Enter(await admission.AdmitAsync(\"acme\")); return await db.Orders.CountAsync(); }")]
    [InlineData("async Task<Func<TenantScope>> LaterAsync() { var tenant = await admission.AdmitAsync(\"acme\"); return () => TenantScope.Enter(tenant); }")]
    public Task One_that_does_not_or_is_not_async_is_not(string member) =>
        UserCode.ShouldBeReportedAsMarkedAsync($"class Helper(TenantAdmission admission) {{ {member} }}");
}
