using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <content>Steps that take resources away.</content>
internal sealed partial class StepExecutor
{
    /// <summary>Deletes a resource (or, for one that was only read, forgets it).</summary>
    /// <param name="old">The entry.</param>
    /// <param name="replacing">True where it has, or will have, a successor.</param>
    /// <param name="pendingReplacement">True where the successor is made after this: the entry stays as a mark until then.</param>
    public async Task DeleteAsync(ResourceState old, bool replacing, bool pendingReplacement)
    {
        var latest = deployment.Tracker.Latest(old);
        var op = (latest.External, replacing) switch
        {
            (true, true) => "discard-replaced",
            (true, false) => "discard",
            (false, true) => "delete-replaced",
            _ => "delete",
        };
        var step = Info(op, latest, latest, null, null);
        var calls = latest is { Custom: true, External: false, RetainOnDelete: false }
            && !Urn.IsProviderType(latest.Type)
            && !(latest.DeletedWith.Length > 0 && await IsDeletedAsync(latest.DeletedWith));
        using var slot = calls ? await deployment.Control.SlotAsync() : default;
        deployment.Control.ThrowIfStopping();
        var started = deployment.Time.GetTimestamp();
        deployment.Events.Before(step);
        if (!replacing && latest.Protect && !deployment.Options.IgnoreProtect)
        {
            throw Failed(
                step,
                $"Resource \"{latest.Urn}\" cannot be deleted because it is protected. To unprotect it, remove the 'protect' option from the resource "
                + $"in the program and run 'up', or run: state unprotect '{latest.Urn}'");
        }

        var hookCall = new HookCall(latest, OldInputs: latest.Inputs, OldOutputs: latest.Outputs);
        await BeforeAsync(step, HookKinds.BeforeDelete, hookCall);
        var operation = await deployment.Tracker.BeginAsync(latest, PendingOperationType.Deleting, CancellationToken.None);
        if (calls && !deployment.Preview)
        {
            await Guard(step, operation, () => RetryAsync(hookCall, "delete", async () =>
            {
                var session = await deployment.EnsureProviderAsync(latest.Provider, latest.Urn);
                await session.DeleteAsync(latest, CancellationToken.None);
                return true;
            }));
        }

        await deployment.Tracker.EndAsync(operation, latest, pendingReplacement ? latest with { PendingReplacement = true } : null, inPlace: true);
        await AfterAsync(HookKinds.AfterDelete, hookCall);
        Succeeded(step, started, counted: !replacing);
    }

    /// <summary>Forgets the mark of a resource that was deleted for a successor that did not come.</summary>
    public async Task RemovePendingReplaceAsync(ResourceState old) =>
        await deployment.Tracker.EndAsync(null, deployment.Tracker.Latest(old), null);

    private async Task<bool> IsDeletedAsync(string urn)
    {
        await deployment.Plan.Gate.WaitAsync();
        try
        {
            return deployment.Plan.Deletes.Contains(urn);
        }
        finally
        {
            deployment.Plan.Gate.Release();
        }
    }
}
