using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Every container says what it needs, and every service when it is well.</summary>
internal sealed class LimitsAndProbes : ResourceRule
{
    /// <inheritdoc/>
    public override string Name => "limits-and-probes";

    /// <inheritdoc/>
    public override string Description => "Containers request CPU and memory and limit memory; containers of services have readiness and liveness probes.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context)
    {
        var template = PodTemplate.Of(resource);
        foreach (var (path, container, isInit) in template?.Containers() ?? [])
        {
            foreach (var field in new[] { "requests.cpu", "requests.memory", "limits.memory" })
            {
                if (IsMissing(At(container, ["resources", .. field.Split('.')])))
                {
                    yield return $"{path}.resources.{field} is missing.";
                }
            }

            foreach (var probe in template!.IsService && !isInit ? ["readinessProbe", "livenessProbe"] : Array.Empty<string>())
            {
                if (IsMissing(At(container, probe)))
                {
                    yield return $"{path}.{probe} is missing: a container without it takes traffic before it can answer, or hangs unseen.";
                }
            }
        }
    }
}
