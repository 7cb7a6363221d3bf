using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>What clients of a Gateway may do: https://gateway.envoyproxy.io/docs/api/extension_types/#clienttrafficpolicy.</summary>
internal sealed class ClientTrafficPolicyArgs() : CustomResourceArgs("gateway.envoyproxy.io/v1alpha1", "ClientTrafficPolicy")
{
    /// <summary>Gateway and limits.</summary>
    [Input("spec", required: true)]
    public required Input<ClientTrafficPolicySpecArgs> Spec { get; init; }
}

/// <summary>Gateway and limits.</summary>
internal sealed class ClientTrafficPolicySpecArgs : ResourceArgs
{
    /// <summary>What it is for.</summary>
    [Input("targetRefs", required: true)]
    public InputList<ObjectReferenceArgs> TargetRefs { get; init; } = new();

    /// <summary>TLS of the clients.</summary>
    [Input("tls")]
    public Input<ClientTlsArgs>? Tls { get; init; }

    /// <summary>Time limits.</summary>
    [Input("timeout")]
    public Input<ClientTimeoutArgs>? Timeout { get; init; }

    /// <summary>Limits on connections.</summary>
    [Input("connection")]
    public Input<ClientConnectionArgs>? Connection { get; init; }
}

/// <summary>TLS of the clients.</summary>
internal sealed class ClientTlsArgs : ResourceArgs
{
    /// <summary>Oldest version that is taken.</summary>
    [Input("minVersion")]
    public Input<string>? MinVersion { get; init; }
}

/// <summary>Time limits.</summary>
internal sealed class ClientTimeoutArgs : ResourceArgs
{
    /// <summary>Those of HTTP.</summary>
    [Input("http")]
    public Input<HttpClientTimeoutArgs>? Http { get; init; }
}

/// <summary>Time limits of HTTP, as durations such as <c>10s</c>.</summary>
internal sealed class HttpClientTimeoutArgs : ResourceArgs
{
    /// <summary>Until a request is there whole.</summary>
    [Input("requestReceivedTimeout")]
    public Input<string>? RequestReceivedTimeout { get; init; }

    /// <summary>Until its headers are there.</summary>
    [Input("requestHeadersReceivedTimeout")]
    public Input<string>? RequestHeadersReceivedTimeout { get; init; }

    /// <summary>A connection without requests.</summary>
    [Input("idleTimeout")]
    public Input<string>? IdleTimeout { get; init; }

    /// <summary>A request on which nothing moves.</summary>
    [Input("streamIdleTimeout")]
    public Input<string>? StreamIdleTimeout { get; init; }
}

/// <summary>Limits on connections.</summary>
internal sealed class ClientConnectionArgs : ResourceArgs
{
    /// <summary>How many at once.</summary>
    [Input("connectionLimit")]
    public Input<ConnectionLimitArgs>? ConnectionLimit { get; init; }
}

/// <summary>Connections at once.</summary>
internal sealed class ConnectionLimitArgs : ResourceArgs
{
    /// <summary>Connections of one proxy.</summary>
    [Input("value")]
    public Input<int>? Value { get; init; }
}
