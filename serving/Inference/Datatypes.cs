using Microsoft.ML.OnnxRuntime.Tensors;

namespace Reco.Scoring.Inference;

/// <summary>Names of tensor types in the Open Inference Protocol, and ONNX Runtime's for the same.</summary>
internal static class Datatypes
{
    private static readonly Dictionary<string, (TensorElementType Type, int Size)> ByName = new(StringComparer.Ordinal)
    {
        ["BOOL"] = (TensorElementType.Bool, 1),
        ["UINT8"] = (TensorElementType.UInt8, 1),
        ["UINT16"] = (TensorElementType.UInt16, 2),
        ["UINT32"] = (TensorElementType.UInt32, 4),
        ["UINT64"] = (TensorElementType.UInt64, 8),
        ["INT8"] = (TensorElementType.Int8, 1),
        ["INT16"] = (TensorElementType.Int16, 2),
        ["INT32"] = (TensorElementType.Int32, 4),
        ["INT64"] = (TensorElementType.Int64, 8),
        ["FP16"] = (TensorElementType.Float16, 2),
        ["BF16"] = (TensorElementType.BFloat16, 2),
        ["FP32"] = (TensorElementType.Float, 4),
        ["FP64"] = (TensorElementType.Double, 8),
        ["BYTES"] = (TensorElementType.String, 0),
    };

    private static readonly Dictionary<TensorElementType, string> ByType = ByName.ToDictionary(entry => entry.Value.Type, entry => entry.Key);

    /// <summary>Every name.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>The protocol's name of a type.</summary>
    public static string Name(TensorElementType type) => ByType.TryGetValue(type, out var name) ? name : type.ToString();

    /// <summary>Type and size of an element in bytes by name; size 0 for strings.</summary>
    public static bool TryGet(string name, out TensorElementType type, out int size)
    {
        var found = ByName.TryGetValue(name, out var entry);
        (type, size) = entry;
        return found;
    }
}
