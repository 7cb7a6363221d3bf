namespace Reco.Scoring.Configuration;

/// <summary>Settings of the service: section <c>Reco</c> of appsettings.json and the command line, or variables that begin
/// with <c>RECO_</c> (<c>RECO_BATCHING__MAXBATCH</c>). <see cref="ScoringOptionsValidator"/> checks them.</summary>
internal sealed record ScoringOptions
{
    /// <summary>Folder of all model bundles.</summary>
    public string Store { get; init; } = "";

    /// <summary>Bundle to serve, relative to the store: <c>NAME/VERSION</c>, or <c>NAME</c> for the newest.</summary>
    public string Model { get; init; } = "";

    /// <summary><c>auto</c> (what the bundle's gate chose), <c>fp32</c> or <c>int8</c>.</summary>
    public string Precision { get; init; } = "auto";

    /// <summary>Execution of models.</summary>
    public InferenceOptions Inference { get; init; } = new();

    /// <summary>What a caller may ask of the service.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Who may call.</summary>
    public SecurityOptions Security { get; init; } = new();

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
}

/// <summary>End of the process.</summary>
internal sealed record DrainOptions
{
    /// <summary>How long requests are still accepted after SIGTERM, while load balancers see that the pod is not ready.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long requests in progress may take after that.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}
