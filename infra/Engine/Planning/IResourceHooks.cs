using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>Kinds of hooks, as checkpoints spell them.</summary>
internal static class HookKinds
{
    /// <summary>Before a resource is made.</summary>
    public const string BeforeCreate = "BeforeCreate";

    /// <summary>After it was made.</summary>
    public const string AfterCreate = "AfterCreate";

    /// <summary>Before it is changed.</summary>
    public const string BeforeUpdate = "BeforeUpdate";

    /// <summary>After it was changed.</summary>
    public const string AfterUpdate = "AfterUpdate";

    /// <summary>Before it is deleted.</summary>
    public const string BeforeDelete = "BeforeDelete";

    /// <summary>After it was deleted.</summary>
    public const string AfterDelete = "AfterDelete";

    /// <summary>When an operation has failed: it can ask for another try.</summary>
    public const string OnError = "OnError";
}

/// <summary>What a hook is told.</summary>
/// <param name="Subject">The resource.</param>
/// <param name="NewInputs">Inputs to be; null for a deletion.</param>
/// <param name="OldInputs">Inputs before; null for a creation.</param>
/// <param name="NewOutputs">Outputs after; null before they are there.</param>
/// <param name="OldOutputs">Outputs before; null for a creation.</param>
internal sealed record HookCall(ResourceState Subject, PropertyMap? NewInputs = null, PropertyMap? OldInputs = null, PropertyMap? NewOutputs = null, PropertyMap? OldOutputs = null);

/// <summary>Code of the program that runs before and after steps.</summary>
internal interface IResourceHooks
{
    /// <summary>Calls a hook.</summary>
    /// <returns>True where it ran; false in a preview for one that does not want to.</returns>
    /// <exception cref="EngineException">It was not registered, or it failed and its errors count.</exception>
    Task RunAsync(string kind, string name, HookCall call, CancellationToken cancellation);

    /// <summary>Asks an error hook whether to try again.</summary>
    /// <param name="name">Name of the hook.</param>
    /// <param name="call">The resource.</param>
    /// <param name="operation">What failed: create, update or delete.</param>
    /// <param name="errors">Errors so far, the last one first.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EngineException">It was not registered, or it failed.</exception>
    Task<bool> ShouldRetryAsync(string name, HookCall call, string operation, IReadOnlyList<string> errors, CancellationToken cancellation);
}
