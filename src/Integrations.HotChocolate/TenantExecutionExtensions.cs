using System.Diagnostics;
using HotChocolate.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold;

/// <summary>GraphQL operations for tenants, executed where no request brings one.</summary>
public static class TenantExecutionExtensions
{
    /// <summary>
    /// Executes a GraphQL operation for a tenant, in this process: admits and enters the tenant, in a flow and a DI scope of the execution's own.
    /// HotChocolate keeps DataLoaders in the flow of whoever executes: operations for several tenants that are executed from one flow would share them.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="tenantId">Whose operation it is.</param>
    /// <param name="request">The operation, without services of its own.</param>
    /// <param name="schemaName">The schema's name; null for the default one.</param>
    /// <param name="cancellationToken">Handed to the execution.</param>
    /// <returns>
    /// The result, to be disposed. Nothing ambient of the caller is seen by the execution but its activity, nor by the events of a subscription, whoever reads them.
    /// </returns>
    /// <exception cref="TenantMissingException">The id is null or empty.</exception>
    /// <exception cref="TenantUnknownException">No tenant has it.</exception>
    /// <exception cref="TenantSuspendedException">The tenant is suspended.</exception>
    /// <exception cref="TenantUnavailableException">The store failed, or the tenant is being provisioned. Trying again is right.</exception>
    public static async Task<IExecutionResult> ExecuteForTenantAsync(
        this IServiceProvider services, string? tenantId, IOperationRequest request, string? schemaName = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(request);
        var tenant = await services.GetRequiredService<TenantAdmission>().AdmitAsync(tenantId, cancellationToken).ConfigureAwait(false);
        var executor = await services.GetRequiredService<IRequestExecutorProvider>().GetExecutorAsync(schemaName, cancellationToken).ConfigureAwait(false);
        var activity = Activity.Current;
        Task<IExecutionResult> executing;
        using (ExecutionContext.SuppressFlow())
        {
            executing = Task.Run(ExecuteAsync, cancellationToken);
        }

        return await executing.ConfigureAwait(false);

        async Task<IExecutionResult> ExecuteAsync()
        {
            Activity.Current = activity;
            using var entered = TenantScope.Enter(tenant);
            return await executor.ExecuteAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }
}
