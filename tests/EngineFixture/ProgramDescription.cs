using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.EngineFixture;

/// <summary>What a described program registers.</summary>
public sealed record ProgramDescription
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>Name of the file, beside Pulumi.yaml.</summary>
    public const string FileName = "program.json";

    /// <summary>Resources, each after those that it depends on.</summary>
    public IReadOnlyList<DescribedResource> Resources { get; init; } = [];

    /// <summary>So many resources more, <c>item-0</c> and on; each tenth is one that the next nine depend on.</summary>
    public int Generated { get; init; }

    /// <summary>Value of the input <c>size</c> of the last generated resource.</summary>
    public int LastSize { get; init; }

    /// <summary>Outputs of the stack. <c>{"secret": ...}</c> is a secret, <c>{"config": KEY}</c> a configuration value.</summary>
    public JsonObject Outputs { get; init; } = [];

    /// <summary>Lines to write to standard output.</summary>
    public IReadOnlyList<string> Says { get; init; } = [];

    /// <summary>Message to fail with at the end; null to succeed.</summary>
    public string? Fails { get; init; }

    public void Write(string directory) => File.WriteAllText(Path.Combine(directory, FileName), JsonSerializer.Serialize(this, Format));

    public static ProgramDescription Read(string directory) =>
        JsonSerializer.Deserialize<ProgramDescription>(File.ReadAllText(Path.Combine(directory, FileName)), Format)!;
}

/// <summary>One resource of a described program.</summary>
public sealed record DescribedResource(string Name)
{
    public JsonObject Inputs { get; init; } = [];

    public IReadOnlyList<string> DependsOn { get; init; } = [];

    public string Parent { get; init; } = "";

    public bool Component { get; init; }

    public bool Protect { get; init; }
}
