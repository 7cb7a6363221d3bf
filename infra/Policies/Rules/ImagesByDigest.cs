using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Every image is named by what it holds.</summary>
internal sealed class ImagesByDigest : ResourceRule
{
    /// <summary>Images that the embedded engine runs on this machine; their tag is the hash of their content.</summary>
    private const string Local = "reco.local/";

    /// <inheritdoc/>
    public override string Name => "images-by-digest";

    /// <inheritdoc/>
    public override string Description => "Containers name their image by digest (repository@sha256:...), so that what was tested is what runs; never by latest or another tag that can move.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context)
    {
        foreach (var (path, container, _) in PodTemplate.Of(resource)?.Containers() ?? [])
        {
            var value = At(container, "image");
            if (!IsUnknown(value) && Text(value) is var image && image?.StartsWith(Local, StringComparison.Ordinal) != true && image?.Contains("@sha256:", StringComparison.Ordinal) != true)
            {
                yield return $"{path}.image is {(image is null ? "missing" : $"\"{image}\"")}: name it by digest, repository@sha256:...";
            }
        }
    }
}
