using System.Collections.Immutable;
using Reco.Policies.Rules;

namespace Reco.Policies;

/// <summary>Every rule of Reco.</summary>
public static class PolicyPack
{
    /// <summary>Name of the pack.</summary>
    public const string Name = "reco";

    /// <summary>Version of the pack.</summary>
    public const string Version = "0.1.0";

    /// <summary>The rules, in the order of their names.</summary>
    public static ImmutableArray<PolicyRule> Rules { get; } =
    [
        new Encrypted(),
        new GpuPoolsTainted(),
        new HardenedCluster(),
        new ImagesByDigest(),
        new LimitsAndProbes(),
        new MonthlyBudget(),
        new NarrowIdentities(),
        new NoOpenIngress(),
        new NoPlainSecret(),
        new NoPublicEndpoint(),
        new NoWildcardRole(),
        new ProtectedData(),
        new RestrictedPods(),
        new Tagged(),
    ];
}
