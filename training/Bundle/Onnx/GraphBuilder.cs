using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Reco.Bundle.Onnx;

/// <summary>Collects the parts of an ONNX graph. Data is written as raw little-endian bytes.</summary>
internal sealed class GraphBuilder(string name)
{
    private const string TreeDomain = "ai.onnx.ml";
    private const int TreeOpset = 3;

    private readonly GraphProto graph = new() { Name = name };

    /// <summary>Declares an input; a string is a named dimension.</summary>
    public void Input(string input, TensorProto.Types.DataType type, params object[] dimensions) => graph.Input.Add(Value(input, type, dimensions));

    /// <summary>Declares an output.</summary>
    public void Output(string output, TensorProto.Types.DataType type, params object[] dimensions) => graph.Output.Add(Value(output, type, dimensions));

    /// <summary>Adds a node with integer attributes.</summary>
    public void Node(string type, string[] inputs, string output, params (string Name, long Value)[] attributes) => Node(type, inputs, [output], attributes);

    /// <summary>Adds a node of several outputs.</summary>
    public void Node(string type, string[] inputs, string[] outputs, params (string Name, long Value)[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = outputs[0] };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        foreach (var (attribute, value) in attributes)
        {
            node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value });
        }

        graph.Node.Add(node);
    }

    /// <summary>Adds a node that reduces over axes and drops them.</summary>
    public void NodeOverAxes(string type, string[] inputs, string output, params long[] axes)
    {
        Node(type, inputs, output, ("keepdims", 0));
        var attribute = new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(axes);
        graph.Node[^1].Attribute.Add(attribute);
    }

    /// <summary>Adds up values at places of an axis (ScatterElements).</summary>
    /// <param name="data">What is added to.</param>
    /// <param name="places">Where, of the shape of the values.</param>
    /// <param name="values">The values.</param>
    /// <param name="output">Takes the sums.</param>
    /// <param name="axis">The axis.</param>
    public void Scatter(string data, string places, string values, string output, long axis)
    {
        Node("ScatterElements", [data, places, values], output, ("axis", axis));
        graph.Node[^1].Attribute.Add(new AttributeProto { Name = "reduction", Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8("add") });
    }

    /// <summary>Adds a TreeEnsembleRegressor (domain <c>ai.onnx.ml</c>) with one target.</summary>
    /// <param name="input">Rows <c>[rows, features]</c>.</param>
    /// <param name="output">Sums over the trees <c>[rows, 1]</c>.</param>
    /// <param name="arrays">Attributes of nodes and leaves: arrays of integers, floats or strings.</param>
    public void TreeEnsemble(string input, string output, Dictionary<string, Array> arrays)
    {
        Node("TreeEnsembleRegressor", [input], output, ("n_targets", 1));
        var node = graph.Node[^1];
        node.Domain = TreeDomain;
        foreach (var (name, values) in arrays)
        {
            var attribute = new AttributeProto { Name = name };
            switch (values)
            {
                case long[] integers:
                    attribute.Type = AttributeProto.Types.AttributeType.Ints;
                    attribute.Ints.Add(integers);
                    break;
                case float[] floats:
                    attribute.Type = AttributeProto.Types.AttributeType.Floats;
                    attribute.Floats.Add(floats);
                    break;
                default:
                    attribute.Type = AttributeProto.Types.AttributeType.Strings;
                    attribute.Strings.Add(values.Cast<string>().Select(ByteString.CopyFromUtf8));
                    break;
            }

            node.Attribute.Add(attribute);
        }
    }

    /// <summary>A scalar.</summary>
    public void Constant(string constant, float value) => Initializer(constant, TensorProto.Types.DataType.Float, BitConverter.GetBytes(value));

    /// <summary>A scalar.</summary>
    public void Constant(string constant, long value) => Initializer(constant, TensorProto.Types.DataType.Int64, BitConverter.GetBytes(value));

    /// <summary>A tensor of floats.</summary>
    public void Floats(string tensor, float[] values, params ReadOnlySpan<long> dimensions) =>
        Initializer(tensor, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values.AsSpan()), dimensions);

    /// <summary>A tensor of integers.</summary>
    public void Longs(string tensor, long[] values, params ReadOnlySpan<long> dimensions) =>
        Initializer(tensor, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values.AsSpan()), dimensions);

    /// <summary>A tensor of any type.</summary>
    public void Initializer(string tensor, TensorProto.Types.DataType type, ReadOnlySpan<byte> data, params ReadOnlySpan<long> dimensions)
    {
        var initializer = new TensorProto { Name = tensor, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        foreach (var dimension in dimensions)
        {
            initializer.Dims.Add(dimension);
        }

        graph.Initializer.Add(initializer);
    }

    /// <summary>A tensor whose values are in another file, which ONNX Runtime maps.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="file">The file, relative to the model's folder.</param>
    /// <param name="offset">Where the values begin.</param>
    /// <param name="length">How many bytes they are.</param>
    /// <param name="dimensions">Its shape.</param>
    public void External(string tensor, TensorProto.Types.DataType type, string file, long offset, long length, params ReadOnlySpan<long> dimensions)
    {
        Initializer(tensor, type, [], dimensions);
        var external = graph.Initializer[^1];
        external.DataLocation = TensorProto.Types.DataLocation.External;
        external.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = file });
        external.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) });
        external.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>The model.</summary>
    public ModelProto Build(int irVersion, int opset)
    {
        var model = new ModelProto { IrVersion = irVersion, ProducerName = "reco", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        if (graph.Node.Any(node => node.Domain == TreeDomain))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = TreeDomain, Version = TreeOpset });
        }

        return model;
    }

    private static ValueInfoProto Value(string value, TensorProto.Types.DataType type, object[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
        {
            shape.Dim.Add(dimension is string named
                ? new TensorShapeProto.Types.Dimension { DimParam = named }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dimension, CultureInfo.InvariantCulture) });
        }

        return new ValueInfoProto { Name = value, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
