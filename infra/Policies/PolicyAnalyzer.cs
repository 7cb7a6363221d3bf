using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Protocol;

namespace Reco.Policies;

/// <summary>Serves rules by Pulumi's Analyzer protocol: the embedded engine calls it in its own process, the Pulumi CLI over a
/// socket (see <c>PulumiPolicy.yaml</c>).</summary>
public sealed class PolicyAnalyzer : Analyzer.AnalyzerBase
{
    private readonly IReadOnlyList<PolicyRule> rules;
    private readonly ConcurrentDictionary<string, PolicyConfig> overrides = new(StringComparer.Ordinal);
    private PolicyContext context = PolicyContext.Empty;

    /// <summary>An analyzer of some rules; of all of Reco's, if none are given.</summary>
    public PolicyAnalyzer(IReadOnlyList<PolicyRule>? rules = null) => this.rules = rules ?? PolicyPack.Rules;

    /// <inheritdoc/>
    public override Task<AnalyzeResponse> Analyze(AnalyzeRequest request, ServerCallContext context) => Task.FromResult(Check(request));

    /// <inheritdoc/>
    public override Task<AnalyzeResponse> AnalyzeStack(AnalyzeStackRequest request, ServerCallContext context) => Task.FromResult(CheckStack(request));

    /// <summary>Holds a resource against the rules.</summary>
    public AnalyzeResponse Check(AnalyzeRequest request)
    {
        var resource = new PolicyResource
        {
            Urn = request.Urn,
            Type = request.Type,
            Name = request.Name,
            Properties = request.Properties ?? new Struct(),
            IsProtected = request.Options?.Protect == true,
        };
        var response = new AnalyzeResponse();
        foreach (var rule in rules.OfType<ResourceRule>().Where(IsEnabled))
        {
            response.Diagnostics.AddRange(rule.Check(resource, context).Select(message => Diagnostic(rule, message, request.Urn)));
        }

        return response;
    }

    /// <summary>Holds a stack against the rules.</summary>
    public AnalyzeResponse CheckStack(AnalyzeStackRequest request)
    {
        var resources = request.Resources.Select(resource => new PolicyResource
        {
            Urn = resource.Urn,
            Type = resource.Type,
            Name = resource.Name,
            Properties = resource.Properties ?? new Struct(),
            IsProtected = resource.Options?.Protect == true,
        }).ToList();
        var stack = resources.FirstOrDefault(resource => resource.Type == "pulumi:pulumi:Stack")?.Urn ?? "";
        var response = new AnalyzeResponse();
        foreach (var rule in rules.OfType<StackRule>().Where(IsEnabled))
        {
            response.Diagnostics.AddRange(rule.Check(resources, context).Select(message => Diagnostic(rule, message, stack)));
        }

        return response;
    }

    /// <summary>Tells the rules which stack it is, and its configuration.</summary>
    public void Configure(AnalyzerStackConfigureRequest request)
    {
        // Secret configuration is none of a rule's business.
        context = new PolicyContext(request.Stack, request.Config
            .Where(entry => !request.ConfigSecretKeys.Contains(entry.Key))
            .Concat(overrides.SelectMany(rule => Settings(rule.Key, rule.Value)))
            .GroupBy(entry => entry.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public override Task<RemediateResponse> Remediate(AnalyzeRequest request, ServerCallContext context) => Task.FromResult(new RemediateResponse());

    /// <inheritdoc/>
    public override Task<AnalyzerInfo> GetAnalyzerInfo(Empty request, ServerCallContext context)
    {
        var info = new AnalyzerInfo { Name = PolicyPack.Name, DisplayName = "Reco", Version = PolicyPack.Version, SupportsConfig = true, Description = "What every stack of Reco must meet." };
        info.Policies.AddRange(rules.Select(rule => new PolicyInfo
        {
            Name = rule.Name,
            DisplayName = rule.Name,
            Description = rule.Description,
            Message = rule.Description,
            EnforcementLevel = rule.Level,
            PolicyType = rule is StackRule ? PolicyType.Stack : PolicyType.Resource,
        }));
        return Task.FromResult(info);
    }

    /// <inheritdoc/>
    public override Task<PluginInfo> GetPluginInfo(Empty request, ServerCallContext context) => Task.FromResult(new PluginInfo { Version = PolicyPack.Version });

    /// <inheritdoc/>
    public override Task<Empty> Configure(ConfigureAnalyzerRequest request, ServerCallContext context)
    {
        foreach (var (name, config) in request.PolicyConfig)
        {
            overrides[name] = config;
        }

        return Task.FromResult(new Empty());
    }

    /// <inheritdoc/>
    public override Task<AnalyzerHandshakeResponse> Handshake(AnalyzerHandshakeRequest request, ServerCallContext context) => Task.FromResult(new AnalyzerHandshakeResponse());

    /// <inheritdoc/>
    public override Task<AnalyzerStackConfigureResponse> ConfigureStack(AnalyzerStackConfigureRequest request, ServerCallContext context)
    {
        Configure(request);
        return Task.FromResult(new AnalyzerStackConfigureResponse());
    }

    /// <inheritdoc/>
    public override Task<Empty> Cancel(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    private static IEnumerable<KeyValuePair<string, string>> Settings(string rule, PolicyConfig config) =>
        (config.Properties?.Fields ?? []).Select(entry => KeyValuePair.Create($"{rule}.{entry.Key}",
            entry.Value.KindCase == Value.KindOneofCase.NumberValue ? entry.Value.NumberValue.ToString(System.Globalization.CultureInfo.InvariantCulture) : entry.Value.StringValue));

    private bool IsEnabled(PolicyRule rule) => LevelOf(rule) != EnforcementLevel.Disabled;

    private EnforcementLevel LevelOf(PolicyRule rule) =>
        overrides.TryGetValue(rule.Name, out var own) ? own.EnforcementLevel : overrides.TryGetValue("all", out var all) ? all.EnforcementLevel : rule.Level;

    private AnalyzeDiagnostic Diagnostic(PolicyRule rule, string message, string urn) => new()
    {
        PolicyName = rule.Name,
        PolicyPackName = PolicyPack.Name,
        PolicyPackVersion = PolicyPack.Version,
        Description = rule.Description,
        Message = message,
        EnforcementLevel = LevelOf(rule),
        Urn = urn,
    };
}
