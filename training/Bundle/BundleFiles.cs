using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reco.Bundle;

/// <summary>Names of a bundle's files, and how its JSON is written.</summary>
public static class BundleFiles
{
    /// <summary>The manifest.</summary>
    public const string Manifest = "manifest.json";

    /// <summary>FP32 user tower.</summary>
    public const string Model = "model.onnx";

    /// <summary>Quantised user tower.</summary>
    public const string ModelInt8 = "model.int8.onnx";

    /// <summary>User tower quantised statically: QDQ form, one scale a channel, activations calibrated.</summary>
    public const string ModelInt8Static = "model.int8-static.onnx";

    /// <summary>User tower with FP16 tables.</summary>
    public const string ModelFp16 = "model.fp16.onnx";

    /// <summary>FP32 ranker.</summary>
    public const string Ranker = "ranker.onnx";

    /// <summary>Ranker with tables of 8 and 16 bits.</summary>
    public const string RankerInt8 = "ranker.int8.onnx";

    /// <summary>FP32 item matrix: row-major little-endian float32 <c>[items, dimension]</c>.</summary>
    public const string ItemsFp32 = "items.fp32.bin";

    /// <summary>FP16 item matrix: row-major little-endian float16 <c>[items, dimension]</c>.</summary>
    public const string ItemsFp16 = "items.fp16.bin";

    /// <summary>Quantised item matrix: float32 scale <c>[items]</c>, then int8 <c>[items, dimension]</c>.</summary>
    public const string ItemsInt8 = "items.int8.bin";

    /// <summary>Query tower of search by text.</summary>
    public const string SearchModel = "search.onnx";

    /// <summary>Item matrix of search by text, in the form of <see cref="ItemsInt8"/> with its own dimension.</summary>
    public const string SearchItems = "search.items.int8.bin";

    /// <summary>Items, one JSON line each.</summary>
    public const string Items = "items.jsonl";

    /// <summary>Users, one JSON line each.</summary>
    public const string Users = "users.jsonl";

    /// <summary>Groups of users, one JSON line each: <see cref="BundleGroup"/>.</summary>
    public const string Groups = "groups.jsonl";

    /// <summary>Sketches of the training distributions.</summary>
    public const string Reference = "reference.json";

    /// <summary>Every metric with its confidence interval, baselines beside it, the gate's verdict.</summary>
    public const string Evaluation = "evaluation.json";

    /// <summary>Real requests with the answers that were packaged: <see cref="ParityProbe"/>.</summary>
    public const string Parity = "parity.json";

    /// <summary>Plots that a person reads.</summary>
    public const string Report = "report.html";

    /// <summary>How an item matrix's file has its values: by its name, for variants share matrices.</summary>
    public static ItemForm FormOf(string matrix) => matrix switch
    {
        ItemsInt8 or SearchItems => ItemForm.Int8,
        ItemsFp16 => ItemForm.Half,
        _ => ItemForm.Single,
    };

    /// <summary>Settings of every JSON file but the line files.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Settings of the line files.</summary>
    public static readonly JsonSerializerOptions JsonLine = new(JsonSerializerDefaults.Web);
}

/// <summary>How an item matrix's file has its values.</summary>
public enum ItemForm
{
    /// <summary>FP32.</summary>
    Single,

    /// <summary>FP16.</summary>
    Half,

    /// <summary>Int8 with a scale for each item.</summary>
    Int8,
}
