using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;

namespace Reco.Scoring.Inference;

/// <summary>Compares what a manifest says of a model's tensors with what the model has.</summary>
internal static class TensorCheck
{
    /// <summary>Checks the inputs or the outputs.</summary>
    /// <exception cref="BundleException">A tensor is missing or of another type or shape.</exception>
    public static void Check(string path, string kind, ImmutableArray<TensorSpec> promised, IReadOnlyDictionary<string, NodeMetadata> actual)
    {
        foreach (var tensor in promised)
        {
            if (!actual.TryGetValue(tensor.Name, out var metadata))
            {
                throw new BundleException($"{path} has no {kind} {tensor.Name}, which the manifest promises; its {kind}s are {string.Join(", ", actual.Keys)}.");
            }

            var datatype = Datatypes.Name(metadata.ElementDataType);
            if (datatype != tensor.Datatype || !tensor.Shape.SequenceEqual(metadata.Dimensions.Select(dimension => (long)dimension)))
            {
                throw new BundleException($"{path}: {kind} {tensor.Name} is {datatype} [{string.Join(", ", metadata.Dimensions)}]; "
                    + $"the manifest says {tensor.Datatype} [{string.Join(", ", tensor.Shape)}].");
            }
        }
    }
}
