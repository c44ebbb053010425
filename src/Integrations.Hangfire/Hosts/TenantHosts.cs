using System.Runtime.CompilerServices;
using Hangfire;

namespace Freehold.Integrations.Hangfire.Hosts;

/// <summary>
/// Whose job is it? Hangfire's filters and its static API are process-wide; what tells two applications of one process apart is the
/// storage that a job is in. A storage that is nobody's here belongs to an application without tenants.
/// </summary>
internal static class TenantHosts
{
    private static readonly Lock Changing = new();
    private static readonly ConditionalWeakTable<JobStorage, TenantHost> ByStorage = [];

    // Which storage an application has can be asked only when the callback of its AddHangfire is over: asking inside runs it again.
    private static volatile TenantHost[] _unbound = [];

    [ThreadStatic]
    private static bool _binding;

    /// <summary>Adds an application; false where it is here already.</summary>
    public static bool TryAdd(TenantHost host)
    {
        if (_binding)
        {
            throw new MultiTenancyConfigurationException(
                "A job was created inside the callback of AddHangfire, before Hangfire was set up. Create it when the application "
                + "has been built.");
        }

        lock (Changing)
        {
            if (_unbound.Any(host.IsSameAs) || ByStorage.Any(bound => bound.Value.IsSameAs(host)))
            {
                return false;
            }

            _unbound = [.. _unbound, host];
            return true;
        }
    }

    /// <summary>The application that has this storage, or null.</summary>
    /// <exception cref="MultiTenancyConfigurationException">Two have it, or the one that asks is still being configured.</exception>
    public static TenantHost? Find(JobStorage? storage)
    {
        var failure = _unbound.Length > 0 ? BindAll(_unbound) : null;
        if (storage is not null && ByStorage.TryGetValue(storage, out var host))
        {
            return host.Sole();
        }

        return failure is null ? null : throw failure;
    }

    private static MultiTenancyConfigurationException? BindAll(TenantHost[] hosts)
    {
        MultiTenancyConfigurationException? failure = null;
        _binding = true;
        try
        {
            foreach (var host in hosts)
            {
                failure = TryBind(host) ?? failure;
            }
        }
        finally
        {
            _binding = false;
        }

        return failure;
    }

    // Whatever fails in one application is no reason to fail in another, which may be the one that asks.
    private static MultiTenancyConfigurationException? TryBind(TenantHost host)
    {
        try
        {
            // Outside the lock: it may wait for a callback that is running, and that wants the lock.
            Bind(host, host.FindStorage());
        }
        catch (MultiTenancyConfigurationException failure)
        {
            // Its callback is running on this very thread, or failed: then it will call UseMultiTenancy again.
            Bind(host, null);
            return failure;
        }
        catch (Exception)
        {
            // It has no storage now, so it is not the one that asks.
        }

        return null;
    }

    private static void Bind(TenantHost host, JobStorage? storage)
    {
        lock (Changing)
        {
            _unbound = [.. _unbound.Where(other => other != host)];
            if (storage is null)
            {
                return;
            }

            if (ByStorage.TryGetValue(storage, out var other) && other != host && other.FindStorage() is not null)
            {
                other.ShareStorage();
                return;
            }

            ByStorage.AddOrUpdate(storage, host);
        }
    }
}
