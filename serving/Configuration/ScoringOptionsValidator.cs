namespace Reco.Scoring.Configuration;

/// <summary>Checks <see cref="ScoringOptions"/>.</summary>
internal static class ScoringOptionsValidator
{
    private static readonly string[] Precisions = ["auto", "fp32", "fp16", "int8", "int8-static"];

    private static readonly string[] Indices = ["auto", "device", "exact", "hnsw", "pq"];

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ScoringException">Names each that is wrong.</exception>
    public static void Validate(ScoringOptions options)
    {
        var errors = new List<string>();
        if (options.Store.Length == 0)
        {
            errors.Add("Store (RECO_STORE) is not set; it is the folder of all model bundles");
        }
        else if (!Directory.Exists(options.Store))
        {
            errors.Add($"Store (RECO_STORE) is {options.Store}, which is not a folder");
        }

        if (options.Model.Length == 0)
        {
            errors.Add("Model (RECO_MODEL) is not set; it is NAME/VERSION of a bundle in the store, or NAME for its newest version");
        }
        else if (!IsBundle(options.Model))
        {
            errors.Add($"Model (RECO_MODEL) is \"{options.Model}\"; it must be NAME/VERSION or NAME");
        }

        if (options.GrpcUrl.Length > 0 && !(options.GrpcUrl.StartsWith("http://", StringComparison.Ordinal) && options.GrpcUrl.LastIndexOf(':') > 5))
        {
            errors.Add($"GrpcUrl is \"{options.GrpcUrl}\"; it must be http://ADDRESS:PORT");
        }

        Range("Limits:HeaderTimeout (seconds)", options.Limits.HeaderTimeout.TotalSeconds, 0.1, 600);
        if (options.Versions.Candidate.Length > 0 && !IsBundle(options.Versions.Candidate))
        {
            errors.Add($"Versions:Candidate is \"{options.Versions.Candidate}\"; it must be NAME/VERSION or NAME");
        }

        if (!Precisions.Contains(options.Precision))
        {
            errors.Add($"Precision (RECO_PRECISION) is \"{options.Precision}\"; allowed: {string.Join(", ", Precisions)}");
        }

        if (!Indices.Contains(options.Retrieval.Index))
        {
            errors.Add($"Retrieval:Index is \"{options.Retrieval.Index}\"; allowed: {string.Join(", ", Indices)}");
        }

        Range("Retrieval:ApproximateFrom", options.Retrieval.ApproximateFrom, 0, int.MaxValue);
        Range("Retrieval:Recall", options.Retrieval.Recall, 0.5, 1);
        Range("Batching:MaxBatch", options.Batching.MaxBatch, 1, 4_096);
        Range("Batching:MaxQueue", options.Batching.MaxQueue, 1, 1_000_000);
        Range("Batching:MaxDelay (seconds)", options.Batching.MaxDelay.TotalSeconds, 0, 1);
        Range("Batching:Instances", options.Batching.Instances, 0, 256);
        Range("Versions:Keep", options.Versions.Keep, 1, 16);
        Range("Versions:CandidateShare", options.Versions.CandidateShare, 0, 1);
        Range("Versions:ShadowShare", options.Versions.ShadowShare, 0, 1);
        Range("Telemetry:LogShare", options.Telemetry.LogShare, 0, 1);
        Range("Security:RequestsPerSecond", options.Security.RequestsPerSecond, 0, 1_000_000);
        if (options.Security.Authority.Length > 0 && options.Security.Audience.Length == 0)
        {
            errors.Add("Security:Authority is set without Security:Audience; a token for anybody would do");
        }

        if (options.Security.Authority.Length > 0 && !IsIssuer(options.Security.Authority))
        {
            errors.Add($"Security:Authority is \"{options.Security.Authority}\"; it must be https://ISSUER (http:// only on loopback, for tests)");
        }

        if (options.Security.ClientAuthorities.Length > 0 && !File.Exists(options.Security.ClientAuthorities))
        {
            errors.Add($"Security:ClientAuthorities is {options.Security.ClientAuthorities}, which is not a file");
        }

        Range("Limits:BodyBytes", options.Limits.BodyBytes, 1_024, 1L << 30);
        Range("Limits:Connections", options.Limits.Connections, 1, 1_000_000);
        Range("Limits:Requests", options.Limits.Requests, 1, 1_000_000);
        Range("Limits:K", options.Limits.K, 1, 100_000);
        Range("Limits:Batch", options.Limits.Batch, 1, 100_000);
        Range("Limits:Timeout (seconds)", options.Limits.Timeout.TotalSeconds, 0.001, 600);
        Range("Drain:Delay (seconds)", options.Drain.Delay.TotalSeconds, 0, 300);
        Range("Drain:Timeout (seconds)", options.Drain.Timeout.TotalSeconds, 0.1, 3_600);
        Range("Inference:Threads", options.Inference.Threads, 0, 1_024);
        if (errors.Count > 0)
        {
            throw new ScoringException($"The configuration is wrong: {string.Join("; ", errors)}.");
        }

        void Range(string key, double value, double least, double most)
        {
            if (!(value >= least && value <= most))
            {
                errors.Add(FormattableString.Invariant($"{key} is {value}; it must be from {least} to {most}"));
            }
        }
    }

    private static bool IsIssuer(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var issuer) && (issuer.Scheme == Uri.UriSchemeHttps || (issuer.Scheme == Uri.UriSchemeHttp && issuer.IsLoopback));

    private static bool IsBundle(string path) =>
        path.Split('/') is { Length: 1 or 2 } parts && !parts.Any(part => part is "" or "." or ".." || part.Contains('\\', StringComparison.Ordinal));
}
