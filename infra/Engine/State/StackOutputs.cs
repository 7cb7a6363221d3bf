using Reco.Engine.Planning;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>Outputs of stacks, as their states hold them.</summary>
internal static class StackOutputs
{
    /// <summary>The root stack's outputs; empty where it was never updated.</summary>
    public static PropertyMap Of(Snapshot snapshot) =>
        snapshot.Resources.FirstOrDefault(resource => resource.Type == Urn.RootStackType && !resource.Delete)?.Outputs ?? PropertyMap.Empty;
}

/// <summary>Answers stack references from state folders: a name means a stack beside the referring one.</summary>
internal sealed class StackReferenceResolver(StateBackend backend, string project, Func<StackName, System.Text.Json.Nodes.JsonObject, ISecretsManager?> secrets) : IStackReferenceResolver
{
    /// <inheritdoc/>
    public Task<PropertyMap> GetOutputsAsync(string stackName, CancellationToken cancellation)
    {
        var name = StackName.Parse(stackName, project);
        if (!backend.Exists(name))
        {
            throw new EngineException($"stack reference '{stackName}': there is no stack '{name.Qualified}' in '{backend.Folder.Root}'", 1);
        }

        return Task.FromResult(StackOutputs.Of(backend.Open(name, deployment => secrets(name, deployment)).Snapshot));
    }
}
