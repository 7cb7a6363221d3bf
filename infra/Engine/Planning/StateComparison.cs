using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Tells whether an entry has to be written anew.</summary>
internal static class StateComparison
{
    /// <summary>True where nothing that the state keeps differs.</summary>
    public static bool Same(ResourceState old, ResourceState @new) =>
        old.Urn == @new.Urn && old.Type == @new.Type && old.Custom == @new.Custom && old.Delete == @new.Delete && old.Id == @new.Id
        && old.Parent == @new.Parent && old.Protect == @new.Protect && old.Taint == @new.Taint && old.External == @new.External
        && old.Provider == @new.Provider && old.PendingReplacement == @new.PendingReplacement && old.ImportId == @new.ImportId
        && old.RetainOnDelete == @new.RetainOnDelete && old.DeletedWith == @new.DeletedWith && old.SourcePosition == @new.SourcePosition
        && old.CustomTimeouts == @new.CustomTimeouts
        && old.Dependencies.AsSpan().SequenceEqual(@new.Dependencies.AsSpan())
        && old.ReplaceWith.AsSpan().SequenceEqual(@new.ReplaceWith.AsSpan())
        && old.InitErrors.AsSpan().SequenceEqual(@new.InitErrors.AsSpan())
        && old.Aliases.AsSpan().SequenceEqual(@new.Aliases.AsSpan())
        && old.AdditionalSecretOutputs.AsSpan().SequenceEqual(@new.AdditionalSecretOutputs.AsSpan())
        && old.IgnoreChanges.AsSpan().SequenceEqual(@new.IgnoreChanges.AsSpan())
        && old.ReplaceOnChanges.AsSpan().SequenceEqual(@new.ReplaceOnChanges.AsSpan())
        && old.HideDiffs.AsSpan().SequenceEqual(@new.HideDiffs.AsSpan())
        && Equals(old.ReplacementTrigger, @new.ReplacementTrigger)
        && old.Hooks.Count == @new.Hooks.Count
        && old.Hooks.All(entry => @new.Hooks.TryGetValue(entry.Key, out var names) && names.AsSpan().SequenceEqual(entry.Value.AsSpan()))
        && old.PropertyDependencies.Count == @new.PropertyDependencies.Count
        && old.PropertyDependencies.All(entry => @new.PropertyDependencies.TryGetValue(entry.Key, out var urns) && urns.AsSpan().SequenceEqual(entry.Value.AsSpan()))
        && old.Inputs.Equals(@new.Inputs) && old.Outputs.Equals(@new.Outputs);
}
