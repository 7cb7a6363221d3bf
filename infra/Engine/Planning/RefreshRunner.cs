using System.Collections.Concurrent;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Reads every resource of the state from its provider, and takes over what is found.</summary>
internal sealed class RefreshRunner(Deployment deployment, StepExecutor steps)
{
    private readonly ConcurrentBag<ResourceState> gone = [];
    private readonly ConcurrentDictionary<string, Task<bool>> early = new(StringComparer.Ordinal);
    private readonly TargetSet targets = new(deployment.Options.Targets);

    /// <summary>Refreshes what is left to refresh and makes the result the state that registrations are compared with.</summary>
    /// <returns>False where something failed.</returns>
    public async Task<bool> RunAsync()
    {
        var entries = deployment.Tracker.Remaining().Where(entry => (entry.Delete || !early.ContainsKey(entry.Urn)) && IsIncluded(entry)).ToList();
        var results = await Task.WhenAll(entries.Select(RefreshAsync).Concat(early.Values));
        await MendAsync();
        return Array.TrueForAll(results, done => done);
    }

    /// <summary>Refreshes one entry ahead of the others.</summary>
    /// <returns>Whether the resource still exists.</returns>
    public async Task<bool> RefreshEarlyAsync(ResourceState entry)
    {
        await early.GetOrAdd(entry.Urn, _ => RefreshAsync(entry));
        return !gone.Contains(entry, ReferenceEqualityComparer.Instance);
    }

    /// <summary>Whether the run is to refresh an entry. What depends on a target becomes one, so nobody else may ask meanwhile.</summary>
    public bool IsIncluded(ResourceState entry)
    {
        if (!targets.IsConstrained)
        {
            return !deployment.Plan.Excludes.Contains(entry.Urn);
        }

        if (targets.Contains(entry.Urn))
        {
            return true;
        }

        if (!deployment.Options.TargetDependents || !entry.Dependencies().Append(entry.Parent).Any(targets.Contains))
        {
            return false;
        }

        targets.Add(entry.Urn);
        return true;
    }

    private async Task<bool> RefreshAsync(ResourceState entry)
    {
        await Task.Yield();
        try
        {
            if (await steps.RefreshAsync(entry) is null)
            {
                gone.Add(entry);
            }

            return true;
        }
        catch (StepFailedException)
        {
            // The others are read all the same: what is known about them is right in any case.
            return false;
        }
        catch (RunStoppedException)
        {
            return false;
        }
        catch (Exception error)
        {
            deployment.Fatal(entry.Urn, error.Message);
            return false;
        }
    }

    // What is gone leaves no references behind; children of a parent that is gone move up. The references go first, so that
    // a run that is killed in between leaves none either.
    private async Task MendAsync()
    {
        var lost = new HashSet<ResourceState>(gone, ReferenceEqualityComparer.Instance);
        var all = deployment.Tracker.Remaining();
        var entries = all.Where(entry => !lost.Contains(entry)).ToList();
        var known = entries.Select(entry => entry.Urn).ToHashSet(StringComparer.Ordinal);
        var before = deployment.Options.Base.Resources.ToLookup(entry => entry.Urn, entry => entry.Parent, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var parent = entry.Parent;
            while (parent.Length > 0 && !known.Contains(parent))
            {
                parent = before[parent].FirstOrDefault() ?? "";
            }

            var mended = entry.WithoutDangling(known.Contains);
            if (parent != entry.Parent)
            {
                mended = mended with { Parent = parent };
            }

            if (!ReferenceEquals(mended, entry))
            {
                await deployment.Tracker.EndAsync(null, entry, mended, inPlace: true);
            }
        }

        foreach (var entry in Enumerable.Reverse(all).Where(lost.Contains))
        {
            await deployment.Tracker.EndAsync(null, entry, null, inPlace: true);
        }

        deployment.SetOlds(deployment.Tracker.Remaining());
    }
}
