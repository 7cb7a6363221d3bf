namespace Reco.Scoring.Configuration;

/// <summary>Settings of the service: section <c>Reco</c> of appsettings.json and the command line, or variables that begin
/// with <c>RECO_</c> (<c>RECO_BATCHING__MAXBATCH</c>). <see cref="ScoringOptionsValidator"/> checks them.</summary>
internal sealed record ScoringOptions
{
    /// <summary>Folder of all model bundles.</summary>
    public string Store { get; init; } = "";

    /// <summary>Bundle to serve, relative to the store: <c>NAME/VERSION</c>, or <c>NAME</c> for the newest.</summary>
    public string Model { get; init; } = "";

    /// <summary><c>auto</c> (what the bundle's gate chose), <c>fp32</c>, <c>fp16</c>, <c>int8</c> or <c>int8-static</c>.</summary>
    public string Precision { get; init; } = "auto";

    /// <summary>Keeps FP32 item vectors as FP16: half the memory and traffic for three digits of precision.</summary>
    public bool HalfPrecisionItems { get; init; }

    /// <summary>Address for gRPC without TLS, for example <c>http://+:8081</c>; empty for none. With TLS it shares the address of HTTP.</summary>
    public string GrpcUrl { get; init; } = "";

    /// <summary>Execution of models.</summary>
    public InferenceOptions Inference { get; init; } = new();

    /// <summary>Search of items by vector.</summary>
    public RetrievalOptions Retrieval { get; init; } = new();

    /// <summary>How rows of several requests share a run of the model.</summary>
    public BatchingOptions Batching { get; init; } = new();

    /// <summary>How many versions are kept and how traffic is split between them.</summary>
    public VersionOptions Versions { get; init; } = new();

    /// <summary>What a caller may ask of the service.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Who may call.</summary>
    public SecurityOptions Security { get; init; } = new();

    /// <summary>What is logged of answers.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>End of the process.</summary>
    public DrainOptions Drain { get; init; } = new();
}

/// <summary>Execution of models.</summary>
internal sealed record InferenceOptions
{
    /// <summary>ONNX Runtime execution providers in order of preference; those that this build or machine lacks are passed over.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Threads of one run of the model; 0 is chosen by the number of cores.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>GPU to run on.</summary>
    public int Device { get; init; }
}

/// <summary>Search of items by vector.</summary>
internal sealed record RetrievalOptions
{
    /// <summary>How they are searched: <c>exact</c>; <c>device</c>, exactly by ONNX Runtime on the device that runs the models; <c>hnsw</c>, a
    /// graph; <c>pq</c>, product quantisation; or <c>auto</c>: exactly below <see cref="ApproximateFrom"/>, else by the bundle's graph, or by
    /// product quantisation where it has none.</summary>
    public string Index { get; init; } = "auto";

    /// <summary>Items from which on they are searched approximately; 0 for never. What is not in the bundle is built behind the first
    /// requests, which are answered exactly. The default is by measurement: tests/Benchmarks/Retrieval.</summary>
    public int ApproximateFrom { get; init; } = 200_000;

    /// <summary>Least share of the exact top 100 that an approximate index must find, on a sample of queries; one that does not is not
    /// used.</summary>
    public double Recall { get; init; } = 0.95;
}

/// <summary>How rows of several requests share a run of the model.</summary>
internal sealed record BatchingOptions
{
    /// <summary>Most rows of one run.</summary>
    public int MaxBatch { get; init; } = 64;

    /// <summary>Sizes, ascending, at which a run that may wait stops waiting.</summary>
    public IReadOnlyList<int> PreferredSizes { get; init; } = [];

    /// <summary>How long a run waits for company; zero never waits, and batches form while the instances are busy.</summary>
    public TimeSpan MaxDelay { get; init; }

    /// <summary>Most requests that wait; more are answered 429.</summary>
    public int MaxQueue { get; init; } = 1_024;

    /// <summary>Runs at a time; 0 is one a core.</summary>
    public int Instances { get; init; }

    /// <summary>Requests waiting for a thread from which on a request joins the queue rather than run alone.</summary>
    public int CrowdedAt { get; init; } = 4;
}

/// <summary>How many versions are kept and how traffic is split between them.</summary>
internal sealed record VersionOptions
{
    /// <summary>Versions of a model that stay loaded: the current one and those before it, for an instant way back.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Bundle that answers a share of the users, or is only compared: <c>NAME/VERSION</c>.</summary>
    public string Candidate { get; init; } = "";

    /// <summary>Share of users, from 0 to 1, whom the candidate answers. Whether a user is among them depends on the ID alone.</summary>
    public double CandidateShare { get; init; }

    /// <summary>Share of requests, from 0 to 1, that the candidate answers too, unseen, to compare its scores.</summary>
    public double ShadowShare { get; init; }
}

/// <summary>What a caller may ask of the service.</summary>
internal sealed record LimitOptions
{
    /// <summary>Largest request body in bytes.</summary>
    public long BodyBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Open connections.</summary>
    public int Connections { get; init; } = 4_096;

    /// <summary>Requests in progress, probes and metrics apart; more are answered 429.</summary>
    public int Requests { get; init; } = 1_024;

    /// <summary>Time for one request, unless the caller asks for less.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for the headers of a request.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most items in one answer.</summary>
    public int K { get; init; } = 1_000;

    /// <summary>Most entries in one batch request.</summary>
    public int Batch { get; init; } = 1_024;
}

/// <summary>Who may call.</summary>
internal sealed record SecurityOptions
{
    /// <summary>Keys of which callers must send one; empty for an open service.</summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>Keys of which callers must send one to load and unload models; empty where every caller may.</summary>
    public IReadOnlyList<string> AdminKeys { get; init; } = [];

    /// <summary>Issuer of bearer tokens (OpenID Connect), for example of Entra ID; empty for none.</summary>
    public string Authority { get; init; } = "";

    /// <summary>Audience that a token must be for.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Requests a second of one caller (by key, token or address); 0 is no limit.</summary>
    public int RequestsPerSecond { get; init; }

    /// <summary>PEM file of the authorities that sign callers' certificates; set, a certificate is required on HTTPS.</summary>
    public string ClientAuthorities { get; init; } = "";
}

/// <summary>What is logged of answers.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>Share of the answers, from 0 to 1, that is logged.</summary>
    public double LogShare { get; init; } = 0.01;

    /// <summary>Key by which user IDs become pseudonyms in the log; without one they are left out. Also <c>RECO_PSEUDONYM_KEY</c>.</summary>
    public string PseudonymKey { get; init; } = "";
}

/// <summary>End of the process.</summary>
internal sealed record DrainOptions
{
    /// <summary>How long requests are still accepted after SIGTERM, while load balancers see that the pod is not ready.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long requests in progress may take after that.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}
