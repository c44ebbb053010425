using CsCheck;
using Freehold.Core.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Tests.Signing;

/// <summary>What is signed is believed only as it was signed.</summary>
public sealed class TenantSigningTests
{
    private const string Secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private const string OtherSecret = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
    private const string MessageId = "0193e4a1-0000-7000-8000-000000000001";

    [Fact]
    public void The_format_stays_what_other_processes_expect()
    {
        var signature = Signer(signing => signing.Keys["2026-11"] = Secret).Sign(TenantCarrier.Message, "acme", MessageId, null, "");

        // Computed apart from this code: HMAC-SHA-256 of 01, then every part after its length in 4 bytes (-1 for null).
        signature.ShouldBe("v1.2026-11.SG47-lfugwqyLv8qZUysN43rTyeska129ZfMIsis9-Y");
    }

    [Fact]
    public void Without_SignTenants_nothing_is_signed_and_anything_is_believed()
    {
        var signer = Signer(null);

        signer.IsOn.ShouldBeFalse();
        signer.Sign(TenantCarrier.Job, "acme", "x").ShouldBeNull();
        signer.Verify(TenantCarrier.Job, "acme", null, "x");
        signer.Verify(TenantCarrier.Job, "acme", "nonsense", "x");
    }

    [Fact]
    public void Whatever_is_signed_is_believed_and_with_anything_changed_it_is_not()
    {
        var signer = Signer(signing => signing.Keys["k"] = Secret);
        var part = Gen.OneOf(Gen.Const((string?)null), Gen.String.Select(text => (string?)text), Gen.String[300, 3000].Select(text => (string?)text));
        Gen.Select(Gen.Enum<TenantCarrier>(), Gen.String, part.Array[0, 4], part, Gen.Int[0, 4]).Sample((carrier, tenant, bound, other, at) =>
        {
            var signature = signer.Sign(carrier, tenant, bound);

            signer.Verify(carrier, tenant, signature, bound);
            Refused(() => signer.Verify(carrier, tenant + "x", signature, bound));
            Refused(() => signer.Verify(carrier == TenantCarrier.Job ? TenantCarrier.Message : TenantCarrier.Job, tenant, signature, bound));
            Refused(() => signer.Verify(carrier, tenant, signature, [.. bound, other]));
            if (bound.Length > 0)
            {
                at %= bound.Length;
                Refused(() => signer.Verify(carrier, tenant, signature, [.. bound.Where((_, index) => index != at)]));
                if (Utf8(bound[at]) != Utf8(other))
                {
                    Refused(() => signer.Verify(carrier, tenant, signature, [.. bound.Select((part, index) => index == at ? other : part)]));
                }
            }
        });

        static string? Utf8(string? text) => text is null ? null : Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void What_moves_from_one_part_to_the_next_is_noticed()
    {
        var signer = Signer(signing => signing.Keys["k"] = Secret);

        Refused(() => signer.Verify(TenantCarrier.Job, "acme", signer.Sign(TenantCarrier.Job, "acme", "a", "bc"), "ab", "c"));
        Refused(() => signer.Verify(TenantCarrier.Job, "acme", signer.Sign(TenantCarrier.Job, "acme", "a", null), "a", ""));
        Refused(() => signer.Verify(TenantCarrier.Job, "acme", signer.Sign(TenantCarrier.Job, "acm", "e"), ""));
    }

    [Theory]
    [InlineData(null, "it came without tenant-signature")]
    [InlineData("", "it came without tenant-signature")]
    [InlineData("v1", "malformed")]
    [InlineData("v1.k", "malformed")]
    [InlineData("v1.k.", "malformed")]
    [InlineData("v2.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "malformed")]
    [InlineData("v1..AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "malformed")]
    [InlineData("v1.k\n.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "malformed")]
    [InlineData("v1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.x", "malformed")]
    [InlineData("v1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "malformed")]
    [InlineData("v1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A", "malformed")]
    [InlineData("v1.gone.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "the key 'gone', which is not among")]
    [InlineData("v1.K.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "the key 'K', which is not among")]
    [InlineData("v1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "(key 'k') was made for another tenant")]
    public void A_wrong_signature_is_refused_as_an_unknown_tenant_and_the_message_says_what_was_wrong(string? signature, string reason)
    {
        var signer = Signer(signing => signing.Keys["k"] = Secret);

        var refusal = Refused(() => signer.Verify(TenantCarrier.Message, "acme", signature, MessageId));

        refusal.Code.ShouldBe(TenantErrorCodes.Unknown);
        refusal.IsRetryable.ShouldBeFalse();
        refusal.TenantId.ShouldBe("acme");
        refusal.Message.ShouldContain(reason);
        refusal.Message.ShouldNotContain(Secret);
    }

    [Fact]
    public void The_same_key_id_with_another_secret_does_not_do()
    {
        var forged = Signer(signing => signing.Keys["k"] = OtherSecret).Sign(TenantCarrier.Message, "acme", MessageId);

        Refused(() => Signer(signing => signing.Keys["k"] = Secret).Verify(TenantCarrier.Message, "acme", forged, MessageId));
    }

    [Fact]
    public void A_key_rotates_without_a_moment_in_which_something_signed_is_refused()
    {
        var before = Signer(signing => signing.Keys["old"] = Secret);
        var between = Signer(signing => { signing.Keys["old"] = Secret; signing.Keys["new"] = OtherSecret; signing.SigningKey = "old"; });
        var then = Signer(signing => { signing.Keys["old"] = Secret; signing.Keys["new"] = OtherSecret; signing.SigningKey = "new"; });
        var after = Signer(signing => signing.Keys["new"] = OtherSecret);

        foreach (var (one, other) in new[] { (before, between), (between, then), (then, after) })
        {
            other.Verify(TenantCarrier.Message, "acme", one.Sign(TenantCarrier.Message, "acme", MessageId), MessageId);
            if (other != after)
            {
                one.Verify(TenantCarrier.Message, "acme", other.Sign(TenantCarrier.Message, "acme", MessageId), MessageId);
            }
        }

        Refused(() => after.Verify(TenantCarrier.Message, "acme", before.Sign(TenantCarrier.Message, "acme", MessageId), MessageId));
    }

    [Fact]
    public void Changed_configuration_is_followed_and_a_defective_change_is_not_taken()
    {
        var configuration = new ChangingConfiguration(("Keys:old", Secret));
        var log = new Logbook();
        using var services = Services(
            tenancy => tenancy.SignTenants().Services.Configure<TenantSigningOptions>(configuration.Tenants).AddLogging(logging => logging.AddProvider(log)));
        var signer = services.GetRequiredService<TenantSigner>();
        var old = signer.Sign(TenantCarrier.Message, "acme", MessageId);

        configuration.Change(("Keys:old", Secret), ("Keys:new", OtherSecret), ("SigningKey", "new"));
        signer.Sign(TenantCarrier.Message, "acme", MessageId).ShouldStartWith("v1.new.");
        signer.Verify(TenantCarrier.Message, "acme", old, MessageId);

        configuration.Change(("Keys:new", "short"));
        signer.Sign(TenantCarrier.Message, "acme", MessageId).ShouldStartWith("v1.new.");
        log.Lines.ShouldContain(line => line.Level == LogLevel.Error && line.Text.Contains("Keys['new'] is not the Base64", StringComparison.Ordinal));
        log.Lines.ShouldAllBe(line => !line.Text.Contains("short", StringComparison.Ordinal));
    }

    [Fact]
    public void The_unsigned_is_believed_until_the_day_that_was_named_and_the_wrongly_signed_never()
    {
        var time = new ManualTime();
        using var services = Services(
            tenancy => tenancy
                .SignTenants(signing => { signing.Keys["k"] = Secret; signing.AcceptUnsignedUntil = DateTimeOffset.UnixEpoch.AddDays(7); })
                .Services.AddSingleton<TimeProvider>(time));
        var signer = services.GetRequiredService<TenantSigner>();

        signer.Verify(TenantCarrier.Message, "acme", null, MessageId);
        Refused(() => signer.Verify(TenantCarrier.Message, "acme", "v1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", MessageId));

        time.Pass(TimeSpan.FromDays(7));
        Refused(() => signer.Verify(TenantCarrier.Message, "acme", null, MessageId));
    }

    [Theory]
    [InlineData("without a key", null, null, null)]
    [InlineData("Keys['k'] is not the Base64 of at least 32 bytes", "k", "AAECAwQF", null)]
    [InlineData("Keys['k'] is not the Base64 of at least 32 bytes", "k", "not base64 but a sentence that is long enough", null)]
    [InlineData("the id 'k.1'", "k.1", Secret, null)]
    [InlineData("SigningKey is 'other'", "k", Secret, "other")]
    public async Task Keys_that_cannot_work_stop_the_start(string defect, string? id, string? secret, string? signingKey)
    {
        var host = Host.CreateApplicationBuilder();
        host.Services.AddMultiTenancy(tenancy => tenancy.SignTenants(signing =>
        {
            signing.SigningKey = signingKey;
            if (id is not null)
            {
                signing.Keys[id] = secret!;
            }
        }));
        using var built = host.Build();

        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => built.StartAsync(TestContext.Current.CancellationToken));

        refusal.Message.ShouldContain(defect);
        refusal.Message.ShouldNotContain(secret ?? "(no secret)");
    }

    [Fact]
    public void Several_keys_and_none_named_to_sign_stop_the_start() =>
        Should.Throw<MultiTenancyConfigurationException>(() => Signer(signing => { signing.Keys["a"] = Secret; signing.Keys["b"] = Secret; }))
            .Message.ShouldContain("SigningKey");

    private static TenantUnknownException Refused(Action verify) => Should.Throw<TenantUnknownException>(verify);

    private static TenantSigner Signer(Action<TenantSigningOptions>? configure) => Services(
        tenancy =>
        {
            if (configure is not null)
            {
                tenancy.SignTenants(configure);
            }
        }).GetRequiredService<TenantSigner>();

    private static ServiceProvider Services(Action<MultiTenancyBuilder> configure) =>
        new ServiceCollection().AddMultiTenancy(configure).BuildServiceProvider();
}
