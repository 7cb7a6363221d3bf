using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Where training computes.</summary>
internal static class TrainingDevice
{
    /// <summary>The device of a name: <c>auto</c> is the first CUDA device where there is one.</summary>
    /// <exception cref="TrainingException">CUDA was asked for and is not there.</exception>
    public static Device Choose(string name) => name switch
    {
        "cpu" => CPU,
        "cuda" => cuda.is_available() ? CUDA : throw new TrainingException("--device=cuda: libtorch sees no CUDA device. Build with -p:Gpu=true on a machine with an NVIDIA driver, or use --device=auto."),
        _ => cuda.is_available() ? CUDA : CPU,
    };

    /// <summary>Whether the large products are computed in bfloat16: <c>auto</c> does so on CUDA, where that is several times as fast and needs
    /// no scaling of the loss; processors rarely gain by it.</summary>
    public static bool IsHalf(string precision, Device device) => precision == "bf16" || (precision == "auto" && device.type == TorchSharp.DeviceType.CUDA);
}
