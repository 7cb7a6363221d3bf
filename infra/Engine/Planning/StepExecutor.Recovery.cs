using Reco.Engine.Plugins;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <content>Taking up creations that an earlier run did not live to record.</content>
internal sealed partial class StepExecutor
{
    /// <summary>Looks for what an interrupted creation has made.</summary>
    /// <returns>The resource, with an empty ID where nothing was made; null where nobody can tell.</returns>
    public async Task<ResourceState?> FindCreatedAsync(ResourceState interrupted)
    {
        var session = await deployment.EnsureProviderAsync(interrupted.Provider, interrupted.Urn);
        try
        {
            return await session.FindCreatedAsync(interrupted, CancellationToken.None) is { } found
                ? interrupted with { Id = found.Id, Outputs = found.Outputs }
                : null;
        }
        catch (ProviderFailure failure) when (failure.IsPartial)
        {
            return NotReady(interrupted, failure);
        }
    }

    /// <summary>Takes what an interrupted creation has made into the state.</summary>
    /// <returns>False where the state has it already.</returns>
    public async Task<bool> RecoverAsync(ResourceState made)
    {
        var standing = deployment.Tracker.Remaining().Where(entry => entry.Urn == made.Urn).ToList();
        if (standing.Exists(entry => entry.Id == made.Id && !entry.PendingReplacement))
        {
            return false;
        }

        var now = deployment.Time.GetUtcNow();
        var before = standing.Find(entry => !entry.Delete);
        if (before is { PendingReplacement: false })
        {
            // What it was to replace is still there and goes as it would have gone then.
            await deployment.Tracker.EndAsync(null, before, before with { Delete = true }, inPlace: true);
            before = null;
        }

        await deployment.Tracker.EndAsync(null, before, Finish(made with { Created = now, Modified = now }), inPlace: true);
        return true;
    }
}
