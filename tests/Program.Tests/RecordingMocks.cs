using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pulumi.Testing;

namespace Reco.Infra.Tests;

/// <summary>Answers every registration with its inputs, as a provider would, and remembers them.</summary>
internal sealed class RecordingMocks : IMocks
{
    private readonly ConcurrentQueue<MockResourceArgs> registered = new();

    /// <summary>What the training job is said to have written.</summary>
    public ImmutableDictionary<string, object> Release { get; init; } = new Dictionary<string, object>
    {
        ["modelName"] = "two-tower",
        ["modelVersion"] = "0123456789abcdef",
        ["bundlePath"] = "two-tower/0123456789abcdef",
        ["reportPath"] = "two-tower/0123456789abcdef/report.html",
        ["evaluation"] = """{"ndcg10":0.25,"gate":{"promoted":true}}""",
    }.ToImmutableDictionary();

    /// <summary>Adds what a provider would answer to a resource of a type.</summary>
    public Func<string, ImmutableDictionary<string, object>, ImmutableDictionary<string, object>> Answer { get; init; } = (_, state) => state;

    /// <summary>Answers calls of functions, by token.</summary>
    public IReadOnlyDictionary<string, object> Answers { get; init; } = new Dictionary<string, object>();

    /// <summary>Registrations, in the order in which they came.</summary>
    public IReadOnlyCollection<MockResourceArgs> Registered => registered;

    /// <summary>Inputs of the only resource of a type.</summary>
    public ImmutableDictionary<string, object> Inputs(string type) => registered.Single(resource => resource.Type == type).Inputs;

    public Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args)
    {
        registered.Enqueue(args);
        var state = args.Inputs;
        if (args.Type == "kubernetes:core/v1:ConfigMap" && !string.IsNullOrEmpty(args.Id))
        {
            state = state.SetItem("data", Release);
        }

        if (!state.ContainsKey("metadata"))
        {
            state = state.SetItem("metadata", new Dictionary<string, object> { ["name"] = args.Name! }.ToImmutableDictionary());
        }
        else if (state["metadata"] is ImmutableDictionary<string, object> metadata && !metadata.ContainsKey("name"))
        {
            state = state.SetItem("metadata", metadata.SetItem("name", args.Name + "-auto"));
        }

        return Task.FromResult<(string?, object)>(($"{args.Name}-id", Answer(args.Type ?? "", state)));
    }

    public Task<object> CallAsync(MockCallArgs args) => Task.FromResult(Answers.GetValueOrDefault(args.Token ?? "", ImmutableDictionary<string, object>.Empty));
}
