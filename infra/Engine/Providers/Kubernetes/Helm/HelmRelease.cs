using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Diffing;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Helm;

/// <summary>Helm releases: shown and checked in previews, with no chart fetched, and never installed. Rendering charts is Helm's
/// own business, which the official provider brings along.</summary>
internal static class HelmRelease
{
    /// <summary>The function behind <c>helm.v3.Chart</c>.</summary>
    public const string TemplateToken = "kubernetes:helm:template";

    /// <summary>What to do instead.</summary>
    public const string Advice = "Helm, Kustomize and remote manifests need the official engine (pulumi up); the embedded one previews them as they are declared";

    private const string Type = "kubernetes:helm.sh/v3:Release";
    private static readonly string[] Replacing = ["name", "namespace"];

    /// <summary>Whether a resource is a release.</summary>
    public static bool IsRelease(string urn) => Urn.Type(urn) == Type;

    /// <summary>Completes a release and says what is wrong with it.</summary>
    public static CheckResponse Check(CheckRequest request, string space)
    {
        var given = WireReader.Read(request.News);
        var response = new CheckResponse { Inputs = request.News.Clone() };
        if (given["chart"] is null || (!WireReader.IsUnknown(given["chart"]) && given.Text("chart") is null or ""))
        {
            response.Failures.Add(new CheckFailure { Property = "chart", Reason = "required: name, path or URL of the chart" });
        }

        if (given["name"] is null)
        {
            var old = WireReader.Read(request.Olds).Text("name");
            response.Inputs.Fields["name"] = Value.ForString(old ?? $"{Urn.Name(request.Urn)}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(request.RandomSeed.Span))[..8]}");
        }

        if (given["namespace"] is null)
        {
            response.Inputs.Fields["namespace"] = Value.ForString(space);
        }

        return response;
    }

    /// <summary>The difference of two declarations.</summary>
    public static DiffResponse Diff(DiffRequest request)
    {
        var changes = ObjectDiff.Compare(WireReader.Read(request.OldInputs ?? request.Olds), WireReader.Read(request.News));
        var response = new DiffResponse { Changes = changes.Count == 0 ? DiffResponse.Types.DiffChanges.DiffNone : DiffResponse.Types.DiffChanges.DiffSome };
        foreach (var path in changes.Select(change => change.Path.ToString()).Where(path => !request.IgnoreChanges.Contains(path)))
        {
            response.Diffs.Add(path);
            if (Replacing.Contains(path))
            {
                response.Replaces.Add(path);
            }
        }

        return response;
    }

    /// <summary>The declaration, in a preview.</summary>
    public static Task<CreateResponse> CreateAsync(CreateRequest request) => request.Preview
        ? Task.FromResult(new CreateResponse { Properties = request.Properties })
        : throw Refusal(request.Urn);

    /// <summary>The declaration, in a preview.</summary>
    public static Task<UpdateResponse> UpdateAsync(UpdateRequest request) => request.Preview
        ? Task.FromResult(new UpdateResponse { Properties = request.News })
        : throw Refusal(request.Urn);

    /// <summary>Why nothing was done.</summary>
    public static RpcException Refusal(string urn) => new(new Status(StatusCode.Unimplemented, $"Helm release {Urn.Name(urn)}: {Advice}"));
}
