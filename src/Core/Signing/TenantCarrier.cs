namespace Freehold;

/// <summary>What a tenant travels with between processes. A signature made for one never fits another.</summary>
public enum TenantCarrier
{
    /// <summary>A message on a bus.</summary>
    Message = 1,

    /// <summary>A background job.</summary>
    Job = 2,

    /// <summary>An HTTP request.</summary>
    HttpRequest = 3,
}
