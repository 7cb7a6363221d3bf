using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pulumi;

/// <summary>JSON of values that have outputs inside.</summary>
internal static class OutputJson
{
    // Each pass awaits what the one before it met; only a getter that makes a new pending output each time needs more.
    private const int MaxPasses = 64;

    /// <summary>Serialises a value. System.Text.Json's converters cannot wait, so passes repeat until every output met is done.</summary>
    public static async Task<OutputData<string>> SerializeAsync<T>(Output<T> output, JsonSerializerOptions? options)
    {
        var data = await output.DataTask.ConfigureAwait(false);
        if (!data.IsKnown)
        {
            return data.With("");
        }
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            var converter = new OutputJsonConverter(OutputData.Plain(true));
            var json = JsonSerializer.Serialize(data.Value, Extend(options, converter));
            if (converter.Pending.Count == 0)
            {
                var facts = data.Then(converter.Seen);
                return facts.With(facts.IsKnown ? json : "");
            }
            await Task.WhenAll(converter.Pending).ConfigureAwait(false);
        }
        throw new InvalidOperationException(
            $"Output.JsonSerialize gave up on {typeof(T).FullName}: reading its properties makes new outputs each time. Store them in fields.");
    }

    /// <summary>Deserialises a text; outputs in the result have the text's dependencies and secretness.</summary>
    public static async Task<OutputData<T>> DeserializeAsync<T>(Output<string> json, JsonSerializerOptions? options)
    {
        var data = await json.DataTask.ConfigureAwait(false);
        return data.IsKnown
            ? data.With(JsonSerializer.Deserialize<T>(data.Value, Extend(options, new OutputJsonConverter(data.With(true))))!)
            : data.With(default(T)!);
    }

    private static JsonSerializerOptions Extend(JsonSerializerOptions? options, JsonConverter converter)
    {
        var extended = options is null ? new JsonSerializerOptions() : new JsonSerializerOptions(options);
        extended.Converters.Add(converter);
        return extended;
    }
}

/// <summary>Converts outputs and inputs inside a JSON value.</summary>
/// <param name="context">Dependencies and secretness that outputs read from JSON get.</param>
internal sealed class OutputJsonConverter(OutputData<bool> context) : JsonConverterFactory
{
    /// <summary>Outputs that were not done yet when they were written.</summary>
    public List<Task> Pending { get; } = [];

    /// <summary>Facts about all outputs written so far.</summary>
    public OutputData<bool> Seen { get; private set; } = OutputData.Plain(true);

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => ConverterFor(typeToConvert) is not null;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
        => (JsonConverter)Activator.CreateInstance(ConverterFor(typeToConvert)!, this)!;

    private static Type? ConverterFor(Type type)
    {
        if (!type.IsConstructedGenericType)
        {
            return null;
        }
        var definition = type.GetGenericTypeDefinition();
        var converter = definition == typeof(Output<>) ? typeof(OutputConverter<>)
            : definition == typeof(Input<>) ? typeof(InputConverter<>)
            : definition == typeof(InputList<>) ? typeof(ListConverter<>)
            : definition == typeof(InputMap<>) ? typeof(MapConverter<>)
            : null;
        return converter?.MakeGenericType(type.GenericTypeArguments);
    }

    private Output<T> Read<T>(ref Utf8JsonReader reader, JsonSerializerOptions options)
        => new(context.With(JsonSerializer.Deserialize<T>(ref reader, options)!));

    private void Write<T>(Utf8JsonWriter writer, Output<T> value, JsonSerializerOptions options)
    {
        if (!value.DataTask.IsCompletedSuccessfully)
        {
            Pending.Add(value.DataTask);
            writer.WriteNullValue();
            return;
        }
        // Completed: reading the result does not wait.
        var data = value.DataTask.Result;
        Seen = Seen.Then(data.With(true));
        if (data.IsKnown)
        {
            JsonSerializer.Serialize(writer, data.Value, options);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private sealed class OutputConverter<T>(OutputJsonConverter owner) : JsonConverter<Output<T>>
    {
        public override Output<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => owner.Read<T>(ref reader, options);

        public override void Write(Utf8JsonWriter writer, Output<T> value, JsonSerializerOptions options)
            => owner.Write(writer, value, options);
    }

    private sealed class InputConverter<T>(OutputJsonConverter owner) : JsonConverter<Input<T>>
    {
        public override Input<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => owner.Read<T>(ref reader, options);

        public override void Write(Utf8JsonWriter writer, Input<T> value, JsonSerializerOptions options)
            => owner.Write(writer, value.ToOutput(), options);
    }

    private sealed class ListConverter<T>(OutputJsonConverter owner) : JsonConverter<InputList<T>>
    {
        public override InputList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => owner.Read<System.Collections.Immutable.ImmutableArray<T>>(ref reader, options);

        public override void Write(Utf8JsonWriter writer, InputList<T> value, JsonSerializerOptions options)
            => owner.Write(writer, value.ToOutput(), options);
    }

    private sealed class MapConverter<T>(OutputJsonConverter owner) : JsonConverter<InputMap<T>>
    {
        public override InputMap<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => owner.Read<System.Collections.Immutable.ImmutableDictionary<string, T>>(ref reader, options);

        public override void Write(Utf8JsonWriter writer, InputMap<T> value, JsonSerializerOptions options)
            => owner.Write(writer, value.ToOutput(), options);
    }
}
