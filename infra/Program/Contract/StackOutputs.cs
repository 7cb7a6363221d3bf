using System.Collections.Immutable;
using Pulumi;

namespace Reco.Infra.Contract;

/// <summary>What a stack of Reco tells other stacks: the contract between it and its consumers, typed. Consumers copy this file
/// or reference the project, and read it through a <see cref="StackReference"/>:
/// <code>var reco = StackOutputs.From(new StackReference("organization/reco/prod"));</code>
/// A member is never taken away or given another meaning within a version; new ones may come.</summary>
public sealed class StackOutputs
{
    /// <summary>Version of the contract.</summary>
    public const int Version = 1;

    /// <summary>Names of the outputs.</summary>
    internal static class Names
    {
        public const string ContractVersion = "contractVersion";
        public const string ScoringUrl = "scoringUrl";
        public const string GrpcUrl = "grpcUrl";
        public const string MetricsUrl = "metricsUrl";
        public const string ModelName = "modelName";
        public const string ModelVersion = "modelVersion";
        public const string ReportPath = "reportPath";
        public const string Evaluation = "evaluation";
    }

    private readonly StackReference reference;

    private StackOutputs(StackReference reference)
    {
        this.reference = reference;
        ScoringUrl = Text(reference, Names.ScoringUrl);
        MetricsUrl = Text(reference, Names.MetricsUrl);
        ModelName = Text(reference, Names.ModelName);
        ModelVersion = Text(reference, Names.ModelVersion);
        ReportPath = Text(reference, Names.ReportPath);
        Evaluation = Checked(reference, Names.Evaluation).Apply(value => value as ImmutableDictionary<string, object> ?? ImmutableDictionary<string, object>.Empty);
    }

    /// <summary>Where the scoring service answers, for example <c>http://scoring.reco.svc.cluster.local:80</c>.</summary>
    public Output<string> ScoringUrl { get; }

    /// <summary>Where it answers gRPC (Open Inference Protocol, HTTP/2 without TLS), for example
    /// <c>http://scoring.reco.svc.cluster.local:8081</c>. Stacks that were deployed before it came have none; only who asks for it is told so.</summary>
    public Output<string> GrpcUrl => Text(reference, Names.GrpcUrl);

    /// <summary>Its metrics in Prometheus text.</summary>
    public Output<string> MetricsUrl { get; }

    /// <summary>Name of the model that it serves.</summary>
    public Output<string> ModelName { get; }

    /// <summary>Version of the model that it serves, derived from its content.</summary>
    public Output<string> ModelVersion { get; }

    /// <summary>The evaluation report, relative to the model store.</summary>
    public Output<string> ReportPath { get; }

    /// <summary>Headline metrics of the evaluation on held-out data.</summary>
    public Output<ImmutableDictionary<string, object>> Evaluation { get; }

    /// <summary>Reads the outputs of a stack.</summary>
    /// <param name="reference">The stack.</param>
    /// <exception cref="RunException">When a value is used: the stack follows another version of the contract, or has no such output yet.</exception>
    public static StackOutputs From(StackReference reference) => new(reference);

    private static Output<string> Text(StackReference reference, string name) => Checked(reference, name).Apply(value => value as string
        ?? throw new RunException($"Output {name} of the referenced stack is no text: it does not follow version {Version} of the contract of Reco's stacks."));

    private static Output<object> Checked(StackReference reference, string name) =>
        Output.Tuple(reference.GetOutput(Names.ContractVersion), reference.GetOutput(name)).Apply(both => (both.Item1, both.Item2) switch
        {
            (double version, _) when (int)version != Version => throw new RunException(
                $"The referenced stack follows version {(int)version} of the contract of Reco's stacks, and this program version {Version}: take the newer {nameof(StackOutputs)}, or deploy that stack anew."),
            (_, null) => throw new RunException($"The referenced stack has no output {name}: deploy it first, or check its name."),
            (_, { } value) => value,
        });
}
