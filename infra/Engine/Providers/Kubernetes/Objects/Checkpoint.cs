using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Objects;

/// <summary>A resource's state as Pulumi's Kubernetes provider keeps it: the live object, and beside its members what the
/// program gave (<c>__inputs</c>), the API version it was made with and the field manager.</summary>
internal sealed record Checkpoint
{
    private const string InputsKey = "__inputs";
    private const string ApiVersionKey = "__initialApiVersion";
    private const string FieldManagerKey = "__fieldManager";

    /// <summary>What the program gave; empty where the state does not say.</summary>
    public required JsonObject Inputs { get; init; }

    /// <summary>The object as the cluster last answered it.</summary>
    public required JsonObject Live { get; init; }

    /// <summary>API version that it was made with; null where the state does not say.</summary>
    public string? InitialApiVersion { get; init; }

    /// <summary>Field manager that applied it; null where the state does not say.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Reads a state.</summary>
    public static Checkpoint Read(Struct? state)
    {
        var live = WireReader.Read(state);
        var inputs = live[InputsKey] as JsonObject;
        live.Remove(InputsKey);
        var version = live.Text(ApiVersionKey);
        live.Remove(ApiVersionKey);
        var manager = live.Text(FieldManagerKey);
        live.Remove(FieldManagerKey);
        return new Checkpoint
        {
            Inputs = inputs?.Copy() ?? [],
            Live = live,
            InitialApiVersion = version,
            FieldManager = manager,
        };
    }

    /// <summary>Writes the state.</summary>
    /// <param name="given">What the program gave, as it came on the wire: says which values are secret.</param>
    /// <param name="secrets">Whether the engine takes secrets.</param>
    public Struct Write(Struct? given, bool secrets)
    {
        var state = WireWriter.Write(Live);
        var inputs = WireWriter.Write(Inputs);
        if (secrets)
        {
            SecretMarks.Copy(state, given);
            SecretMarks.Copy(inputs, given);
        }

        state.Fields[InputsKey] = Value.ForStruct(inputs);
        state.Fields[ApiVersionKey] = Value.ForString(InitialApiVersion ?? Live.ApiVersion());
        if (FieldManager is not null)
        {
            state.Fields[FieldManagerKey] = Value.ForString(FieldManager);
        }

        return state;
    }
}
