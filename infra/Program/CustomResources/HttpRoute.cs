using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>Requests of a Gateway and where they go: https://gateway-api.sigs.k8s.io/api-types/httproute/.</summary>
internal sealed class HttpRouteArgs() : CustomResourceArgs("gateway.networking.k8s.io/v1", "HTTPRoute")
{
    /// <summary>Gateway, hosts and rules.</summary>
    [Input("spec", required: true)]
    public required Input<HttpRouteSpecArgs> Spec { get; init; }
}

/// <summary>Gateway, hosts and rules.</summary>
internal sealed class HttpRouteSpecArgs : ResourceArgs
{
    /// <summary>Gateways.</summary>
    [Input("parentRefs", required: true)]
    public InputList<ParentReferenceArgs> ParentRefs { get; init; } = new();

    /// <summary>Host names; all where there are none.</summary>
    [Input("hostnames")]
    public InputList<string>? Hostnames { get; init; }

    /// <summary>Rules.</summary>
    [Input("rules", required: true)]
    public InputList<HttpRouteRuleArgs> Rules { get; init; } = new();
}

/// <summary>A Gateway.</summary>
internal sealed class ParentReferenceArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>Its namespace.</summary>
    [Input("namespace")]
    public Input<string>? Namespace { get; init; }
}

/// <summary>One rule.</summary>
internal sealed class HttpRouteRuleArgs : ResourceArgs
{
    /// <summary>Requests that it is for.</summary>
    [Input("matches")]
    public InputList<HttpRouteMatchArgs>? Matches { get; init; }

    /// <summary>Services and their shares.</summary>
    [Input("backendRefs", required: true)]
    public InputList<BackendReferenceArgs> BackendRefs { get; init; } = new();

    /// <summary>Time limits.</summary>
    [Input("timeouts")]
    public Input<HttpRouteTimeoutsArgs>? Timeouts { get; init; }
}

/// <summary>Requests that a rule is for.</summary>
internal sealed class HttpRouteMatchArgs : ResourceArgs
{
    /// <summary>By path.</summary>
    [Input("path")]
    public Input<HttpPathMatchArgs>? Path { get; init; }
}

/// <summary>A path.</summary>
internal sealed class HttpPathMatchArgs : ResourceArgs
{
    /// <summary><c>Exact</c> or <c>PathPrefix</c>.</summary>
    [Input("type", required: true)]
    public required Input<string> Type { get; init; }

    /// <summary>The path.</summary>
    [Input("value", required: true)]
    public required Input<string> Value { get; init; }
}

/// <summary>A Service and its share.</summary>
internal sealed class BackendReferenceArgs : ResourceArgs
{
    /// <summary>Name of the Service.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>Its port.</summary>
    [Input("port", required: true)]
    public required Input<int> Port { get; init; }

    /// <summary>Its share of the sum of weights.</summary>
    [Input("weight")]
    public Input<int>? Weight { get; init; }
}

/// <summary>Time limits.</summary>
internal sealed class HttpRouteTimeoutsArgs : ResourceArgs
{
    /// <summary>Of a request, for example <c>10s</c>.</summary>
    [Input("request")]
    public Input<string>? Request { get; init; }
}
