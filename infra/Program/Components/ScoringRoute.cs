using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;
using Reco.Infra.CustomResources;

namespace Reco.Infra.Components;

/// <summary>Traffic from a Gateway to the scoring service. Metrics and the model repository stay inside.</summary>
internal static class ScoringRoute
{
    private static readonly string[] PublicPaths = ["/v1", "/v2/models"];

    /// <summary>Makes the route.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="args">Arguments of the service.</param>
    /// <param name="port">Port of the Services.</param>
    /// <param name="backends">Services and their shares.</param>
    /// <param name="options">Resource options.</param>
    public static Pulumi.Kubernetes.ApiExtensions.CustomResource Make(
        string name, ScoringServiceArgs args, int port, IReadOnlyList<(string Service, int Weight)> backends, CustomResourceOptions options)
    {
        var spec = new HttpRouteSpecArgs
        {
            ParentRefs = { new ParentReferenceArgs { Name = args.Scoring.Gateway.Name!, Namespace = args.Scoring.Gateway.Namespace! } },
            Hostnames = args.Scoring.Gateway.Host is { } host ? [host] : null,
            Rules =
            {
                new HttpRouteRuleArgs
                {
                    Matches = PublicPaths.Select(path => new HttpRouteMatchArgs { Path = new HttpPathMatchArgs { Type = "PathPrefix", Value = path } }).ToList(),
                    BackendRefs = backends.Select(backend => new BackendReferenceArgs { Name = backend.Service, Port = port, Weight = backend.Weight }).ToList(),
                    Timeouts = new HttpRouteTimeoutsArgs { Request = "10s" },
                },
            },
        };
        var weights = new CustomResourceOptions();
        if (args.Scoring.Rollout.Mode == RolloutMode.Canary)
        {
            // Argo Rollouts moves them; an update in the middle of a canary must not move them back.
            for (var i = 0; i < backends.Count; i++)
            {
                weights.IgnoreChanges.Add($"spec.rules[0].backendRefs[{i}].weight");
            }
        }

        return new Pulumi.Kubernetes.ApiExtensions.CustomResource(name, new HttpRouteArgs
        {
            Metadata = new ObjectMetaArgs { Name = name, Namespace = args.Namespace, Labels = Labels.For(ScoringPod.Component) },
            Spec = spec,
        }, CustomResourceOptions.Merge(options, weights));
    }
}
