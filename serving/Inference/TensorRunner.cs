using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Reco.Scoring.Hosting;

namespace Reco.Scoring.Inference;

/// <summary>Runs a model on tensors that a caller brought.</summary>
internal static class TensorRunner
{
    /// <summary>Runs the model on tensors that <see cref="Check"/> has passed.</summary>
    /// <param name="tower">The model.</param>
    /// <param name="inputs">The inputs, each once.</param>
    /// <param name="outputs">Names of the outputs that are wanted; empty for all.</param>
    /// <exception cref="ApiException">The tensors do not fit together.</exception>
    public static IReadOnlyList<Tensor> Run(UserTower tower, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs)
    {
        var names = outputs.Count > 0 ? outputs : [.. tower.Session.OutputMetadata.Keys];
        var values = new List<OrtValue>(inputs.Count);
        var pins = new List<MemoryHandle>(inputs.Count);
        try
        {
            foreach (var input in inputs)
            {
                values.Add(ToValue(input, pins));
            }

            using var run = new RunOptions();
            using var results = tower.Session.Run(run, [.. inputs.Select(input => input.Name)], values, names);
            return [.. names.Select((name, index) => FromValue(name, results[index]))];
        }
        catch (OnnxRuntimeException)
        {
            // Shapes and ranges were checked; what is left is a combination of sizes that the graph cannot take.
            throw new ApiException(StatusCodes.Status400BadRequest, "the model cannot run on these inputs; see that their shapes fit together");
        }
        finally
        {
            values.ForEach(value => value.Dispose());
            pins.ForEach(pin => pin.Dispose());
        }
    }

    /// <summary>Checks names, types, shapes and ranges.</summary>
    /// <exception cref="ApiException">The tensors do not fit the model.</exception>
    public static void Check(UserTower tower, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs)
    {
        foreach (var name in outputs.Where(name => !tower.Session.OutputMetadata.ContainsKey(name)))
        {
            throw Bad($"there is no output \"{name}\"; the model has {string.Join(", ", tower.Session.OutputMetadata.Keys)}");
        }

        if (inputs.GroupBy(input => input.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw Bad($"input \"{twice.Key}\" is given more than once");
        }

        foreach (var (name, metadata) in tower.Session.InputMetadata)
        {
            var input = inputs.FirstOrDefault(input => input.Name == name) ?? throw Bad($"input \"{name}\" is missing");
            var expected = Datatypes.Name(metadata.ElementDataType);
            if (input.Datatype != expected)
            {
                throw Bad($"input \"{name}\" is {input.Datatype}; the model takes {expected}");
            }

            if (input.Shape.Length != metadata.Dimensions.Length || input.Shape.Zip(metadata.Dimensions).Any(pair => pair.Second >= 0 && pair.First != pair.Second))
            {
                throw Bad($"input \"{name}\" has shape [{string.Join(", ", input.Shape)}]; the model takes [{string.Join(", ", metadata.Dimensions)}]");
            }
        }

        foreach (var input in inputs.Where(input => !tower.Session.InputMetadata.ContainsKey(input.Name)))
        {
            throw Bad($"there is no input \"{input.Name}\"; the model takes {string.Join(", ", tower.Session.InputMetadata.Keys)}");
        }

        CheckRows(tower, inputs);
    }

    /// <summary>The tower's indices must be rows of its tables, and every input must have as many rows.</summary>
    private static void CheckRows(UserTower tower, IReadOnlyList<Tensor> inputs)
    {
        long? batch = null;
        foreach (var input in inputs)
        {
            var most = input.Name switch { "user" => tower.Users, "history" => tower.Items, _ => long.MaxValue };
            if (most < long.MaxValue && MemoryMarshal.Cast<byte, long>(input.Data).ContainsAnyExceptInRange(0L, most))
            {
                throw Bad($"input \"{input.Name}\" has a value outside 0 to {most}");
            }

            if (input.Shape.Length > 0 && (batch ??= input.Shape[0]) != input.Shape[0])
            {
                throw Bad($"input \"{input.Name}\" has {input.Shape[0]} rows where another has {batch}");
            }
        }

        if (batch == 0)
        {
            throw Bad("the inputs have no rows");
        }
    }

    private static OrtValue ToValue(Tensor input, List<MemoryHandle> pins)
    {
        if (input.Type == TensorElementType.String)
        {
            var strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, input.Shape);
            for (var i = 0; i < input.Strings.Length; i++)
            {
                strings.StringTensorSetElementAt(input.Strings[i].AsSpan(), i);
            }

            return strings;
        }

        var pin = new Memory<byte>(input.Data).Pin();
        pins.Add(pin);
        unsafe
        {
            return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, input.Type, input.Shape, (nint)pin.Pointer, input.Data.Length);
        }
    }

    private static Tensor FromValue(string name, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var datatype = Datatypes.Name(info.ElementDataType);
        if (info.ElementDataType == TensorElementType.String)
        {
            var strings = value.GetStringTensorAsArray();
            return new Tensor { Name = name, Datatype = datatype, Shape = info.Shape, Strings = Array.ConvertAll(strings, System.Text.Encoding.UTF8.GetBytes) };
        }

        return new Tensor { Name = name, Datatype = datatype, Shape = info.Shape, Data = value.GetTensorMutableRawData().ToArray() };
    }

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
