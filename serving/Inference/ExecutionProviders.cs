using Microsoft.ML.OnnxRuntime;
using Reco.Scoring.Configuration;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>Chooses the execution provider of ONNX Runtime: the first in the configured order that this build and machine have.</summary>
internal static class ExecutionProviders
{
    /// <summary>The provider that is always there.</summary>
    public const string Cpu = "CPUExecutionProvider";

    private const string Cuda = "CUDAExecutionProvider";
    private const string TensorRt = "TensorrtExecutionProvider";

    /// <summary>The same order without TensorRT, which builds an engine for each shape.</summary>
    public static InferenceOptions WithoutTensorRt(InferenceOptions options) => options with { Providers = [.. options.Providers.Where(provider => FullName(provider) != TensorRt)] };

    /// <summary>Makes session options with the best provider that can be had.</summary>
    /// <param name="options">Order of preference, threads, device.</param>
    /// <param name="skipped">Told each provider that was passed over, and why.</param>
    /// <returns>The options, and the provider that will run the model.</returns>
    public static (SessionOptions Session, string Provider) Create(InferenceOptions options, Action<string, string> skipped)
    {
        var available = OrtEnv.Instance().GetAvailableProviders();
        foreach (var provider in options.Providers.Count > 0 ? options.Providers : [Cuda, Cpu])
        {
            var name = FullName(provider);
            if (name == Cpu)
            {
                break;
            }

            if (!available.Contains(name))
            {
                if (options.Providers.Count > 0)
                {
                    skipped(name, "this build of ONNX Runtime does not have it (build with -p:Gpu=true)");
                }

                continue;
            }

            var session = Common(options);
            try
            {
                Append(session, name, options.Device);
                return (session, name);
            }
            catch (OnnxRuntimeException error)
            {
                session.Dispose();
                skipped(name, error.Message);
            }
        }

        return (Common(options), Cpu);
    }

    private static SessionOptions Common(InferenceOptions options) => new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        IntraOpNumThreads = options.Threads,
        InterOpNumThreads = 1,
        EnableCpuMemArena = true,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };

    private static void Append(SessionOptions session, string provider, int device)
    {
        var settings = new Dictionary<string, string> { ["device_id"] = device.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (provider == TensorRt)
        {
            using var tensorRt = new OrtTensorRTProviderOptions();
            tensorRt.UpdateOptions(settings);
            session.AppendExecutionProvider_Tensorrt(tensorRt);
        }

        // After TensorRT, too: what it does not take would run on the processor.
        // The maintainers' recipe against a growing arena: extend by what is asked for, weights outside the arena.
        settings["arena_extend_strategy"] = "kSameAsRequested";
        settings["cudnn_conv_algo_search"] = "HEURISTIC";
        session.AddSessionConfigEntry("session.use_device_allocator_for_initializers", "1");
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(settings);
        session.AppendExecutionProvider_CUDA(cuda);
    }

    private static string FullName(string provider) => provider.ToUpperInvariant() switch
    {
        "CPU" => Cpu,
        "CUDA" => Cuda,
        "TENSORRT" => TensorRt,
        _ => provider,
    };
}
