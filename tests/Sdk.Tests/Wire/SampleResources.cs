using System.Collections.Immutable;
using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;
using CustomResource = Pulumi.CustomResource;

namespace Reco.Sdk.Tests.Wire;

public sealed class SampleStack : Stack
{
    public SampleStack()
    {
        var thing = new Thing("thing", new ThingArgs { Text = "x" });
        Text = thing.Text;
        Secret = Output.CreateSecret("hush");
    }

    [Output("text")]
    public Output<string> Text { get; private set; }

    [Output]
    public Output<string> Secret { get; private set; }
}

public sealed class Thing : CustomResource
{
    public Thing(string name, ThingArgs args, CustomResourceOptions? options = null)
        : base("sample:index:Thing", name, args, options)
    {
    }

    public Thing(string name, Input<string> id, CustomResourceOptions options)
        : base("sample:index:Thing", name, null, WithId(id, options))
    {
    }

    [Output("text")]
    public Output<string> Text { get; private set; } = null!;

    private static CustomResourceOptions WithId(Input<string> id, CustomResourceOptions options)
    {
        options.Id = id;
        return options;
    }
}

public sealed class ThingArgs : ResourceArgs
{
    private InputList<string>? list;
    private InputMap<string>? map;
    private InputList<NestedArgs>? nestedList;

    [Input("text")]
    public Input<string>? Text { get; set; }

    [Input("number")]
    public Input<double>? Number { get; set; }

    [Input("flag")]
    public Input<bool>? Flag { get; set; }

    [Input("level")]
    public Input<Level>? Level { get; set; }

    [Input("kind")]
    public Input<Kind>? Kind { get; set; }

    [Input("list")]
    public InputList<string> List { get => list ??= []; set => list = value; }

    [Input("map")]
    public InputMap<string> Map { get => map ??= []; set => map = value; }

    [Input("either")]
    public InputUnion<string, int>? Either { get; set; }

    [Input("nested")]
    public Input<NestedArgs>? Nested { get; set; }

    [Input("nestedList")]
    public InputList<NestedArgs> NestedList { get => nestedList ??= []; set => nestedList = value; }

    [Input("json")]
    public InputJson? Json { get; set; }

    [Input("any")]
    public Input<object>? Any { get; set; }

    [Input("asJson", json: true)]
    public Input<NestedArgs>? AsJson { get; set; }

    [Input("asset")]
    public Input<AssetOrArchive>? Asset { get; set; }

    [Input("archive")]
    public Input<Archive>? Archive { get; set; }
}

public sealed class NestedArgs : ResourceArgs
{
    [Input("deep", required: true)]
    public Input<string> Deep { get; set; } = null!;

    [Input("maybe")]
    public Input<int>? Maybe { get; set; }
}

/// <summary>An enumeration of strings.</summary>
[EnumType]
public readonly record struct Level
{
    private readonly string value;

    private Level(string value) => this.value = value;

    public static Level High { get; } = new("high");

    public static explicit operator string(Level level) => level.value;

    public override string ToString() => value;
}

/// <summary>An enumeration of whole numbers.</summary>
public enum Kind
{
    One = 1,
    Two = 2,
}

public sealed class SampleProvider(string name, SampleProviderArgs args) : ProviderResource("sample", name, args, null);

public sealed class SampleProviderArgs : ResourceArgs
{
    [Input("region")]
    public Input<string>? Region { get; set; }
}

public sealed class Group : ComponentResource
{
    public Group(string name, ComponentResourceOptions? options = null)
        : base("sample:index:Group", name, options)
    {
        Leaf = new Thing($"{name}-leaf", new ThingArgs { Text = "leaf" }, new CustomResourceOptions { Parent = this });
        Answer = Leaf.Text.Apply(text => $"{text}!");
        RegisterOutputs(new Dictionary<string, object?> { ["answer"] = Answer, ["leaf"] = Leaf });
    }

    public Thing Leaf { get; }

    public Output<string> Answer { get; }
}

public sealed class RemoteGroup(string name, RemoteGroupArgs args, ComponentResourceOptions? options = null)
    : ComponentResource("sample:index:RemoteGroup", name, args, options, remote: true)
{
    [Output("text")]
    public Output<string> Text { get; private set; } = null!;
}

public sealed class RemoteGroupArgs : ResourceArgs
{
    [Input("text")]
    public Input<string>? Text { get; set; }

    [Input("thing")]
    public Input<Thing>? Thing { get; set; }

    [Input("plain")]
    public string? Plain { get; set; }
}

public sealed class Parameterised(string name) : CustomResource(
    "param:index:Thing", name, ResourceArgs.Empty, null,
    new RegisterPackageRequest("base", "1.0.0", "https://example.com", parameterization: new RegisterPackageRequest.PackageParameterization("param", "2.0.0", [1, 2, 3])));

public sealed class QuestionArgs : InvokeArgs
{
    private List<string>? tags;

    [Input("text")]
    public string? Text { get; set; }

    [Input("tags")]
    public List<string> Tags { get => tags ??= []; set => tags = value; }
}

public sealed class QuestionOutputArgs : InvokeArgs
{
    private InputList<string>? tags;

    [Input("text")]
    public Input<string>? Text { get; set; }

    [Input("tags")]
    public InputList<string> Tags { get => tags ??= []; set => tags = value; }
}

[OutputType]
public sealed class Answer
{
    public readonly string Text;
    public readonly ImmutableArray<string> Tags;

    [OutputConstructor]
    private Answer(string text, ImmutableArray<string> tags)
    {
        Text = text;
        Tags = tags;
    }
}

public sealed class AskArgs : CallArgs
{
    [Input("text")]
    public Input<string>? Text { get; set; }
}

[OutputType]
public sealed class Reply
{
    public readonly double Answer;

    [OutputConstructor]
    private Reply(double answer) => Answer = answer;
}

public sealed class InferenceService(string name, InferenceServiceArgs args, CustomResourceOptions? options = null)
    : Pulumi.Kubernetes.ApiExtensions.CustomResource(name, args, options);

public sealed class InferenceServiceArgs() : CustomResourceArgs("serving.kserve.io/v1beta1", "InferenceService")
{
    [Input("spec")]
    public Input<InferenceSpecArgs>? Spec { get; set; }
}

public sealed class InferenceSpecArgs : ResourceArgs
{
    [Input("model")]
    public Input<string>? Model { get; set; }
}

