using Hangfire.Client;
using Hangfire.Common;
using Hangfire.Storage;

namespace Freehold.Integrations.Hangfire.Signing;

/// <summary>
/// Binds a tenant to its job's type, method and arguments. Not every storage hands back the text of the arguments (Hangfire.PostgreSql does
/// not), and written again the objects made from it may read otherwise: a deployment adds a property. So where they are more than
/// plain values, their text is signed and kept in the job, and what runs is made from that.
/// </summary>
internal static class SignedJob
{
    /// <summary>The job's parameter with the text of its arguments as it was signed.</summary>
    public const string Arguments = "tenant-signed-arguments";

    public static void Sign(CreatingContext context, TenantSigner signer, string tenantId)
    {
        if (!signer.IsOn)
        {
            return;
        }

        var shape = JobShape.Of(context.Job);
        if (shape.IsPlain)
        {
            context.SetJobParameter(TenantHeader.Signature, signer.Sign(TenantCarrier.Job, tenantId, shape.Bind(context.Job.Args)));
            return;
        }

        var text = InvocationData.SerializeJob(context.Job).Arguments;
        context.SetJobParameter(Arguments, text);
        context.SetJobParameter(TenantHeader.Signature, signer.Sign(TenantCarrier.Job, tenantId, shape.Bind(text)));
    }

    /// <summary>Does nothing where the tenant is the job's own.</summary>
    /// <param name="signer">The keys; signing is on.</param>
    /// <param name="tenantId">The tenant that the job names.</param>
    /// <param name="job">The job, as the storage hands it back. Its arguments become those that were signed.</param>
    /// <param name="read">Reads a parameter of the job.</param>
    /// <exception cref="TenantUnknownException">It is not the job's, as far as the keys tell.</exception>
    public static void Verify(TenantSigner signer, string tenantId, Job job, Func<string, string?> read)
    {
        var shape = JobShape.Of(job);
        var signature = read(TenantHeader.Signature);
        if (shape.IsPlain)
        {
            signer.Verify(TenantCarrier.Job, tenantId, signature, shape.Bind(job.Args));
            return;
        }

        var text = read(Arguments);
        signer.Verify(TenantCarrier.Job, tenantId, signature, shape.Bind(text));
        if (text is not null)
        {
            var signed = Restore(job, text);
            if (Differ(job, signed, text))
            {
                throw TenantUnknownException.NotBelieved(tenantId, "the job's arguments are not those that were signed");
            }

            TakeArguments(job, signed);
        }
    }

    // A class that gives itself a new id each time it is made differs from itself, and from nothing can be told that it was altered.
    private static bool Differ(Job stored, Job signed, string text)
    {
        var expected = TextOf(signed);
        return TextOf(stored) != expected && TextOf(Restore(signed, text)) == expected;
    }

    // What cannot be seen by comparing (a member that is read but never written) cannot be altered either.
    private static void TakeArguments(Job job, Job signed)
    {
        if (job.Args is object[] arguments)
        {
            signed.Args.ToArray().CopyTo(arguments, 0);
        }
    }

    private static Job Restore(Job job, string text)
    {
        var names = InvocationData.SerializeJob(job);
        return new InvocationData(names.Type, names.Method, names.ParameterTypes, text).DeserializeJob();
    }

    private static string TextOf(Job job) => InvocationData.SerializeJob(job).Arguments;
}
