using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Policies;
using Reco.Policies.Costs;
using Reco.Protocol;

namespace Reco.Engine.Review;

/// <summary>Looks at what a run plans as a whole: holds it against Reco's rules and reckons what it costs.</summary>
internal sealed class StackReview
{
    /// <summary>Configuration key by which a stack of Reco is known; other programs have rules of their own.</summary>
    private const string Marker = "reco:target";

    private static readonly MarshalOptions Wire = new() { KeepUnknowns = true, KeepSecrets = true };
    private readonly DeploymentOptions options;
    private readonly Dictionary<string, ResourceState> planned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceState> before = new(StringComparer.Ordinal);
    private readonly object gate = new();

    /// <summary>A review of a run.</summary>
    public StackReview(DeploymentOptions options) => this.options = options;

    /// <summary>Whether the run is of a stack of Reco that a program describes.</summary>
    public static bool Applies(DeploymentOptions options) => options.Program is not null && options.Config.ContainsKey(Marker);

    /// <summary>Notes a step.</summary>
    public void Note(EngineEvent @event)
    {
        if (@event is not EngineEvent.ResourcePre { Step: var step })
        {
            return;
        }

        lock (gate)
        {
            if (step.Old is { } old)
            {
                before.TryAdd(step.Urn, old);
            }

            if (step.New is { } now && step.Op is not ("delete" or "delete-replaced" or "read" or "read-replacement"))
            {
                planned[step.Urn] = now;
            }
        }
    }

    /// <summary>Violations of the rules by what is planned.</summary>
    public ImmutableArray<EngineEvent.PolicyViolation> Check()
    {
        var analyzer = new PolicyAnalyzer();
        var configuration = new AnalyzerStackConfigureRequest { Stack = options.Stack, Project = options.Project };
        configuration.Config.Add(options.Config);
        configuration.ConfigSecretKeys.AddRange(options.ConfigSecretKeys);
        analyzer.Configure(configuration);
        var stack = new AnalyzeStackRequest();
        var found = ImmutableArray.CreateBuilder<EngineEvent.PolicyViolation>();
        foreach (var state in Ordered(planned))
        {
            var properties = PropertyEncoder.Encode(state.Inputs, Wire);
            var response = analyzer.Check(new AnalyzeRequest { Urn = state.Urn, Type = state.Type, Name = Urn.Name(state.Urn), Properties = properties, Options = new AnalyzerResourceOptions { Protect = state.Protect } });
            found.AddRange(response.Diagnostics.Select(Violation));
            stack.Resources.Add(new AnalyzerResource { Urn = state.Urn, Type = state.Type, Name = Urn.Name(state.Urn), Properties = properties });
        }

        found.AddRange(analyzer.CheckStack(stack).Diagnostics.Select(Violation));
        return found.ToImmutable();
    }

    /// <summary>Costs of the stack as it is and as it is planned.</summary>
    public (CostEstimate Before, CostEstimate After) Costs() => (Estimate(before), Estimate(planned));

    private static CostEstimate Estimate(Dictionary<string, ResourceState> states) => CostEstimate.Of(
        [.. Ordered(states).Select(state => new PolicyResource { Urn = state.Urn, Type = state.Type, Name = Urn.Name(state.Urn), Properties = PropertyEncoder.Encode(state.Inputs, Wire) })],
        PriceTable.Default);

    private static IEnumerable<ResourceState> Ordered(Dictionary<string, ResourceState> states) => states.Values.OrderBy(state => state.Urn, StringComparer.Ordinal);

    private static EngineEvent.PolicyViolation Violation(AnalyzeDiagnostic diagnostic) => new(
        diagnostic.Urn, diagnostic.PolicyPackName, diagnostic.PolicyPackVersion, diagnostic.PolicyName,
        diagnostic.EnforcementLevel == EnforcementLevel.Advisory ? "advisory" : "mandatory", diagnostic.Message);
}
