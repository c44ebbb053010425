using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>Errors of the database as sentences with a remedy.</summary>
internal static class Explaining
{
    /// <exception cref="TenantOperationException">Instead of an error of the database.</exception>
    public static async Task<T> ExplainedAsync<T>(this TenantPlaces places, Site site, string doing, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (System.Data.Common.DbException failure)
        {
            throw places.Explain(site, doing, failure);
        }
    }

    /// <inheritdoc cref="ExplainedAsync{T}"/>
    public static Task ExplainedAsync(this TenantPlaces places, Site site, string doing, Func<Task> work) => places.ExplainedAsync(
        site,
        doing,
        async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        });
}
