namespace Freehold;

/// <summary>What is marked runs for a tenant or not at all: without one it is refused with <c>TENANT_MISSING</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Method, Inherited = true)]
public sealed class RequireTenantAttribute : Attribute;

/// <summary>What is marked may run without a tenant. One that is named all the same is admitted and entered, or refused.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Method, Inherited = true)]
public sealed class AllowNoTenantAttribute : Attribute;
