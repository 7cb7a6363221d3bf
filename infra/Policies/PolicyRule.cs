using Reco.Protocol;

namespace Reco.Policies;

/// <summary>A rule that every stack must meet.</summary>
public abstract class PolicyRule
{
    /// <summary>Name, in lower case with dashes; configuration refers to it.</summary>
    public abstract string Name { get; }

    /// <summary>What it demands and why, in one sentence.</summary>
    public abstract string Description { get; }

    /// <summary>What a violation does: mandatory ends the run with exit code 5.</summary>
    public virtual EnforcementLevel Level => EnforcementLevel.Mandatory;
}

/// <summary>A rule about one resource at a time.</summary>
public abstract class ResourceRule : PolicyRule
{
    /// <summary>What is wrong with a resource: where, and what to do. Empty where nothing is.</summary>
    public abstract IEnumerable<string> Check(PolicyResource resource, PolicyContext context);
}

/// <summary>A rule about a stack as a whole.</summary>
public abstract class StackRule : PolicyRule
{
    /// <summary>What is wrong with the stack.</summary>
    public abstract IEnumerable<string> Check(IReadOnlyList<PolicyResource> resources, PolicyContext context);
}

/// <summary>What rules may know of the run.</summary>
/// <param name="Stack">Name of the stack.</param>
/// <param name="Config">Configuration of the stack by full key, and the settings of rules as <c>RULE.PROPERTY</c>.</param>
public sealed record PolicyContext(string Stack, IReadOnlyDictionary<string, string> Config)
{
    /// <summary>A context without any configuration.</summary>
    public static PolicyContext Empty { get; } = new("", new Dictionary<string, string>());

    /// <summary>A setting: of the rule, else the stack's <c>reco:KEY</c>; null where neither is set.</summary>
    public string? Setting(PolicyRule rule, string property, string key) =>
        Config.TryGetValue($"{rule.Name}.{property}", out var own) ? own : Config.GetValueOrDefault($"reco:{key}");
}
