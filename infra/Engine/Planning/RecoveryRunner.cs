using Reco.Engine.Plugins;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Takes up what an earlier run was making when it was killed. Where the provider can prove that a resource is that
/// creation's own, it comes into the state as if the answer had been seen; where it knows that nothing was made, the
/// operation is forgotten. What no provider can tell stays on record, as with the official engine.</summary>
internal sealed class RecoveryRunner(Deployment deployment, StepExecutor steps)
{
    /// <summary>Looks for each, and makes what is found part of the state that registrations are compared with.</summary>
    public async Task RunAsync()
    {
        var found = false;
        foreach (var operation in deployment.Tracker.Unsettled()
            .Where(operation => operation is { Type: PendingOperationType.Creating, Resource: { Custom: true, External: false, Delete: false } resource } && !Urn.IsProviderType(resource.Type)))
        {
            found |= await RecoverAsync(operation);
        }

        if (found)
        {
            deployment.SetOlds(deployment.Tracker.Remaining());
        }
    }

    private async Task<bool> RecoverAsync(PendingOperation operation)
    {
        var resource = operation.Resource;
        try
        {
            if (await steps.FindCreatedAsync(resource) is not { } made)
            {
                return false;
            }

            deployment.Tracker.Settle(operation);
            if (made.Id.Length == 0 || !await steps.RecoverAsync(made))
            {
                return false;
            }

            deployment.Events.Diagnose("info", "An earlier run was interrupted while it made this. It was found and is part of the stack now.", resource.Urn);
            return true;
        }
        catch (Exception error) when (error is ProviderFailure or EngineException)
        {
            // The operation stays on record; what the run itself needs of this provider will tell of the trouble.
            deployment.Events.Diagnose("info", $"What an interrupted run has made of this could not be looked for: {error.Message}", resource.Urn);
            return false;
        }
    }
}
