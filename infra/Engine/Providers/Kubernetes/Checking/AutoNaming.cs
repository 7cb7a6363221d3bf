using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Checking;

/// <summary>Names objects that the program does not name: <c>&lt;resource name&gt;-&lt;8 hex digits&gt;</c>, marked by an annotation.</summary>
internal static class AutoNaming
{
    private const int Digits = 8;

    /// <summary>Takes over the old object's name where the provider had chosen it.</summary>
    public static void Adopt(JsonObject after, JsonObject before)
    {
        if (!after.IsNamed() && before.HasAnnotation(Annotations.Autonamed) && before.Name().Length > 0)
        {
            Name(after, before.Name());
        }
    }

    /// <summary>Chooses a name where the program gives none.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Assign(JsonObject after, CheckRequest request, string resourceName)
    {
        if (after.IsNamed() || after.At("metadata", "generateName") is not null)
        {
            return null;
        }

        if (request.Autonaming is { } policy)
        {
            if (policy.Mode == CheckRequest.Types.AutonamingOptions.Types.Mode.Disable)
            {
                return "autonaming is disabled for this stack: set metadata.name";
            }

            if (policy.ProposedName.Length > 0)
            {
                Name(after, policy.ProposedName);
                return null;
            }
        }

        Name(after, $"{resourceName}-{Suffix(request.RandomSeed.Span, resourceName)}");
        return null;
    }

    private static void Name(JsonObject after, string name)
    {
        after.SetMetadata("name", name);
        after.SetAnnotation(Annotations.Autonamed, "true");
    }

    /// <summary>The engine gives a seed so that a preview and the update after it choose the same name.</summary>
    private static string Suffix(ReadOnlySpan<byte> seed, string resourceName) =>
        seed.IsEmpty
            ? RandomNumberGenerator.GetHexString(Digits, lowercase: true)
            : Convert.ToHexStringLower(SHA256.HashData([.. seed, .. Encoding.UTF8.GetBytes(resourceName)]))[..Digits];
}
