namespace Reco.Infra.Monitoring;

/// <summary>Names of metrics as Prometheus shows them. A test looks each of the scoring service's up in its sources.</summary>
internal static class MetricNames
{
    /// <summary>Time of a request, a histogram; labels route and status.</summary>
    public const string RequestSeconds = "reco_request_duration_seconds";

    /// <summary>Time of one stage of a request, a histogram; label stage: queue, infer, retrieve, rank, serialise.</summary>
    public const string StageSeconds = "reco_stage_duration_seconds";

    /// <summary>Requests that wait for a run of the model; labels model, version.</summary>
    public const string Pending = "nv_inference_pending_request_count";

    /// <summary>Rows that a model was run on; labels model, version.</summary>
    public const string Rows = "nv_inference_count";

    /// <summary>Runs of a model; labels model, version.</summary>
    public const string Runs = "nv_inference_exec_count";

    /// <summary>Population stability index of live values against training; labels model, version, distribution.</summary>
    public const string DriftPsi = "reco_drift_psi";

    /// <summary>Share of the current model's items that a candidate returns too, a histogram.</summary>
    public const string ShadowOverlap = "reco_shadow_overlap_ratio";

    /// <summary>Requests turned away; label reason.</summary>
    public const string Rejected = "reco_requests_rejected_total";

    /// <summary>1 for each version served; labels model, version, precision, provider, index.</summary>
    public const string ModelInfo = "reco_model_info";

    /// <summary>When each served version was trained, in seconds since 1970; labels model, version.</summary>
    public const string ModelCreated = "reco_model_created_timestamp_seconds";

    /// <summary>Time from a bundle's folder to ready; labels model, version.</summary>
    public const string ModelLoadSeconds = "reco_model_load_seconds";

    /// <summary>Memory of the item vectors; labels model, version.</summary>
    public const string IndexBytes = "reco_index_bytes";

    /// <summary>Use of a GPU in per cent, by NVIDIA's DCGM exporter.</summary>
    public const string GpuUse = "DCGM_FI_DEV_GPU_UTIL";

    /// <summary>Memory of a GPU in use, in MiB.</summary>
    public const string GpuMemoryUsed = "DCGM_FI_DEV_FB_USED";

    /// <summary>Free memory of a GPU, in MiB.</summary>
    public const string GpuMemoryFree = "DCGM_FI_DEV_FB_FREE";

    /// <summary>Code of the last XID fault of a GPU.</summary>
    public const string GpuFault = "DCGM_FI_DEV_XID_ERRORS";

    /// <summary>Temperature of a GPU in degrees Celsius.</summary>
    public const string GpuTemperature = "DCGM_FI_DEV_GPU_TEMP";

    /// <summary>Power of a GPU in watts.</summary>
    public const string GpuPower = "DCGM_FI_DEV_POWER_USAGE";
}
