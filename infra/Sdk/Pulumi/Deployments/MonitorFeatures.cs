using System.Collections.Concurrent;

namespace Pulumi;

/// <summary>Remembers which abilities the engine has.</summary>
/// <param name="monitor">The engine.</param>
internal sealed class MonitorFeatures(IMonitor monitor)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _answers = new();

    /// <summary>References to resources in properties.</summary>
    public Task<bool> ResourceReferences => AskAsync("resourceReferences");

    /// <summary>Outputs in the properties of remote components.</summary>
    public Task<bool> OutputValues => AskAsync("outputValues");

    /// <summary>Aliases by their parts.</summary>
    public Task<bool> AliasSpecs => AskAsync("aliasSpecs");

    /// <summary>Refuses an option that the engine does not know.</summary>
    /// <exception cref="RunException">The engine does not know it.</exception>
    public async Task RequireAsync(string feature, string option)
    {
        if (!await AskAsync(feature).ConfigureAwait(false))
        {
            throw new RunException($"This engine does not support {option}. Update the Pulumi CLI.");
        }
    }

    private Task<bool> AskAsync(string feature)
        => _answers.GetOrAdd(feature, name => new(() => monitor.SupportsFeatureAsync(name))).Value;
}
