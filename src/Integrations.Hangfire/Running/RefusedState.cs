using Hangfire.States;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>"Failed" to Hangfire, its dashboard and its monitoring; not a <see cref="FailedState"/>, so nothing retries it.</summary>
internal sealed class RefusedState(FailedState failed, TenantException refusal) : IState
{
    public string Name => FailedState.StateName;

    public string Reason => $"{refusal.Code}: refused, and not retried. {refusal.Message}";

    public bool IsFinal => false;

    public bool IgnoreJobLoadException => false;

    public Dictionary<string, string> SerializeData()
    {
        var data = failed.SerializeData();
        data["TenantErrorCode"] = refusal.Code;
        return data;
    }
}
