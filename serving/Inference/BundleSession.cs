using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>Opens the models of a bundle.</summary>
internal static class BundleSession
{
    /// <summary>Bytes of a table from which on it is mapped, not copied.</summary>
    private const int MappedFrom = 1 << 20;

    /// <summary>Loads a model whose tensors are those that are promised.</summary>
    /// <param name="path">File of the model.</param>
    /// <param name="options">How it is run.</param>
    /// <param name="inputs">Promised inputs.</param>
    /// <param name="outputs">Promised outputs.</param>
    /// <exception cref="BundleException">It is not a model, or not one with these tensors.</exception>
    public static InferenceSession Open(string path, SessionOptions options, ImmutableArray<TensorSpec> inputs, ImmutableArray<TensorSpec> outputs)
    {
        InferenceSession session;
        try
        {
            if (MappedModel.Make(path, MappedFrom) is { } model)
            {
                FindTablesIn(options, Path.GetDirectoryName(path)!);
                session = new InferenceSession(model, options);
            }
            else
            {
                session = new InferenceSession(path, options);
            }
        }
        catch (OnnxRuntimeException error)
        {
            throw new BundleException($"{path} is not a model that ONNX Runtime can load: {error.Message}", error);
        }

        try
        {
            TensorCheck.Check(path, "input", inputs, session.InputMetadata);
            TensorCheck.Check(path, "output", outputs, session.OutputMetadata);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Says in which folder the files are that a model in memory names its tables by.</summary>
    public static void FindTablesIn(SessionOptions options, string folder) =>
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetFullPath(folder));
}
