using System.Collections.Immutable;
using Grpc.Core;
using Reco.Engine.Events;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Policy;

/// <summary>Runs policy packs over the resources of a run: remediations one pack after the other, then checks; checks of the
/// whole stack before anything is deleted.</summary>
internal sealed class PolicyRunner : IPolicyRunner, IAsyncDisposable
{
    private static readonly MarshalOptions Wire = new() { KeepUnknowns = true, KeepSecrets = true };
    private static readonly MarshalOptions Returned = new() { KeepUnknowns = true, KeepSecrets = true, KeepResources = true };

    private readonly Deployment deployment;
    private readonly List<PolicyPack> packs = [];
    private volatile bool violated;

    private PolicyRunner(Deployment deployment) => this.deployment = deployment;

    /// <inheritdoc/>
    public bool Violated => violated;

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Packs => packs.ToImmutableSortedDictionary(pack => pack.Info.Name, pack => $"v{pack.Version}", StringComparer.Ordinal);

    /// <summary>Starts the packs of a run; null where it has none.</summary>
    /// <exception cref="EngineException">A pack does not start.</exception>
    public static async Task<PolicyRunner?> StartAsync(Deployment deployment, ProviderEnvironment environment, CancellationToken cancellation)
    {
        var options = deployment.Options;
        if (options.PolicyPacks.IsDefaultOrEmpty)
        {
            return null;
        }

        var runner = new PolicyRunner(deployment);
        try
        {
            for (var at = 0; at < options.PolicyPacks.Length; at++)
            {
                var configuration = at < options.PolicyPackConfigs.Length ? options.PolicyPackConfigs[at] : null;
                runner.packs.Add(await PolicyPack.StartAsync(options.PolicyPacks[at], configuration, options, environment, cancellation));
            }
        }
        catch
        {
            await runner.DisposeAsync();
            throw;
        }

        return runner;
    }

    /// <inheritdoc/>
    public async Task<PropertyMap?> CheckResourceAsync(ResourceState planned, Goal goal, CancellationToken cancellation)
    {
        foreach (var pack in packs)
        {
            var response = await CallAsync(pack, pack.Client.RemediateAsync(Request(planned, goal), cancellationToken: cancellation).ResponseAsync);
            foreach (var remediation in response.Remediations)
            {
                if (remediation.Diagnostic.Length > 0)
                {
                    Send(planned.Urn, remediation.PolicyPackName, pack.Version, remediation.PolicyName, "advisory", remediation.Diagnostic);
                    continue;
                }

                var hidden = planned.Inputs.Where(input => IsInternal(input.Key));

                // Policies see secrets as plain values, and many return a copy of what they saw with one property changed.
                var returned = SecretAnnotator.Annotate(PropertyDecoder.Decode(remediation.Properties, Returned), planned.Inputs);
                var inputs = new PropertyMap(returned.Concat(hidden));
                deployment.Masker.AddSecretsOf(inputs);
                deployment.Events.Send(new EngineEvent.PolicyRemediation(
                    planned.Urn, remediation.PolicyPackName, pack.Version, remediation.PolicyName, planned.Inputs, inputs));
                planned = planned with { Inputs = inputs };
            }
        }

        var forbidden = false;
        foreach (var pack in packs)
        {
            var response = await CallAsync(pack, pack.Client.AnalyzeAsync(Request(planned, goal), cancellationToken: cancellation).ResponseAsync);
            foreach (var diagnostic in response.Diagnostics)
            {
                forbidden |= Report(pack, diagnostic, planned.Urn);
            }
        }

        // A preview goes on, so that everything that is wrong shows at once.
        return forbidden && !deployment.Preview ? null : planned.Inputs;
    }

    /// <inheritdoc/>
    public async Task<bool> CheckStackAsync(CancellationToken cancellation)
    {
        var request = new AnalyzeStackRequest();
        var root = "";
        foreach (var state in deployment.News.Values.OrderBy(state => state.Urn, StringComparer.Ordinal))
        {
            root = state.Type == Urn.RootStackType ? state.Urn : root;
            var resource = new AnalyzerResource
            {
                Urn = state.Urn,
                Type = state.Type,
                Name = Urn.Name(state.Urn),
                Properties = Encode(state.Outputs),
                Options = Options(state, null),
                Provider = Provider(state),
                Parent = state.Parent,
            };
            resource.Dependencies.AddRange(state.Dependencies);
            foreach (var (name, urns) in state.PropertyDependencies.Where(entry => entry.Value.Length > 0))
            {
                resource.PropertyDependencies[name] = new AnalyzerPropertyDependencies { Urns = { urns } };
            }

            request.Resources.Add(resource);
        }

        var forbidden = false;
        foreach (var pack in packs)
        {
            var response = await CallAsync(pack, pack.Client.AnalyzeStackAsync(request, cancellationToken: cancellation).ResponseAsync);
            foreach (var diagnostic in response.Diagnostics)
            {
                forbidden |= Report(pack, diagnostic, deployment.News.ContainsKey(diagnostic.Urn) ? diagnostic.Urn : root);
            }
        }

        return !forbidden;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var pack in packs)
        {
            await pack.DisposeAsync();
        }
    }

    private async Task<T> CallAsync<T>(PolicyPack pack, Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (RpcException) when (deployment.Control.Stopping.IsCancellationRequested)
        {
            throw new RunStoppedException();
        }
        catch (RpcException error)
        {
            throw new EngineException($"policy pack '{pack.Info.Name}' failed: {ProviderFailure.Describe(error)}", 5, error);
        }
    }

    private static bool IsInternal(string key) => key.StartsWith("__", StringComparison.Ordinal);

    private static Google.Protobuf.WellKnownTypes.Struct Encode(PropertyMap map) =>
        PropertyEncoder.Encode(new PropertyMap(map.Where(entry => !IsInternal(entry.Key))), Wire);

    private static string Level(EnforcementLevel level) => level switch
    {
        EnforcementLevel.Advisory => "advisory",
        EnforcementLevel.Disabled => "disabled",

        // A resource that is still wrong after its remediation is wrong.
        _ => "mandatory",
    };

    private bool Report(PolicyPack pack, AnalyzeDiagnostic diagnostic, string urn)
    {
        var level = Level(diagnostic.EnforcementLevel);
        Send(urn, diagnostic.PolicyPackName, pack.Version, diagnostic.PolicyName, level, diagnostic.Message, diagnostic.Severity switch
        {
            PolicySeverity.Low => "low",
            PolicySeverity.Medium => "medium",
            PolicySeverity.High => "high",
            PolicySeverity.Critical => "critical",
            _ => "",
        });
        if (level != "mandatory")
        {
            return false;
        }

        violated = true;
        return true;
    }

    private void Send(string urn, string pack, string version, string policy, string level, string message, string severity = "") =>
        deployment.Events.Send(new EngineEvent.PolicyViolation(urn, pack, version, policy, level, deployment.Masker.Apply(message), severity));

    private AnalyzeRequest Request(ResourceState planned, Goal goal) => new()
    {
        Urn = planned.Urn,
        Type = planned.Type,
        Name = Urn.Name(planned.Urn),
        Properties = Encode(planned.Inputs),
        Options = Options(planned, goal.DeleteBeforeReplace),
        Provider = Provider(planned),
    };

    private static AnalyzerResourceOptions Options(ResourceState state, bool? deleteBeforeReplace)
    {
        var options = new AnalyzerResourceOptions
        {
            Protect = state.Protect,
            DeleteBeforeReplace = deleteBeforeReplace ?? false,
            DeleteBeforeReplaceDefined = deleteBeforeReplace is not null,
            Parent = state.Parent,
            CustomTimeouts = state.CustomTimeouts is { } timeouts
                ? new AnalyzerResourceOptions.Types.CustomTimeouts { Create = timeouts.Create, Update = timeouts.Update, Delete = timeouts.Delete }
                : new AnalyzerResourceOptions.Types.CustomTimeouts(),
        };
        options.IgnoreChanges.AddRange(state.IgnoreChanges);
        options.AdditionalSecretOutputs.AddRange(state.AdditionalSecretOutputs);
        options.Aliases.AddRange(state.Aliases);
        return options;
    }

    private AnalyzerProviderResource? Provider(ResourceState state)
    {
        var urn = ProviderReference.UrnOf(state.Provider);
        return urn.Length > 0 && (deployment.News.TryGetValue(urn, out var provider) || deployment.Olds.TryGetValue(urn, out provider))
            ? new AnalyzerProviderResource { Urn = urn, Type = provider.Type, Name = Urn.Name(urn), Properties = Encode(provider.Inputs) }
            : null;
    }
}
