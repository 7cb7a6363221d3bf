using System.Text.Json;
using Reco.Scoring.Inference;
using Reco.Scoring.Protocols.OpenInference;

namespace Reco.Scoring.Protocols.TensorFlow;

/// <summary>Writes the answer to a predict request. A model with one output has no name for it in the answer.</summary>
internal static class PredictAnswer
{
    /// <summary>Writes <c>{"predictions": [...]}</c> by row or <c>{"outputs": ...}</c> by output.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Tensor> outputs, bool byRow)
    {
        writer.WriteStartObject();
        writer.WritePropertyName(byRow ? "predictions"u8 : "outputs"u8);
        if (outputs is [var only])
        {
            TensorJson.WriteNested(writer, only);
        }
        else if (!byRow)
        {
            writer.WriteStartObject();
            foreach (var output in outputs)
            {
                writer.WritePropertyName(output.Name);
                TensorJson.WriteNested(writer, output);
            }

            writer.WriteEndObject();
        }
        else
        {
            WriteRows(writer, outputs);
        }

        writer.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter writer, IReadOnlyList<Tensor> outputs)
    {
        writer.WriteStartArray();
        for (var row = 0; row < outputs[0].Shape[0]; row++)
        {
            writer.WriteStartObject();
            foreach (var output in outputs)
            {
                writer.WritePropertyName(output.Name);
                TensorJson.WriteRow(writer, output, row);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
