using System.Collections.Immutable;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>What the program wants to read.</summary>
/// <param name="Type">Type token.</param>
/// <param name="Name">Name in the program.</param>
/// <param name="Id">ID of the resource.</param>
/// <param name="Parent">URN of the parent, or empty.</param>
/// <param name="Inputs">Properties that help to find it.</param>
/// <param name="Provider">Provider reference.</param>
/// <param name="Dependencies">URNs that it depends on.</param>
/// <param name="AdditionalSecretOutputs">Outputs that are secret.</param>
/// <param name="SourcePosition">Where the program reads it.</param>
internal sealed record ReadGoal(
    string Type,
    string Name,
    string Id,
    string Parent,
    PropertyMap Inputs,
    string Provider,
    ImmutableArray<string> Dependencies,
    ImmutableArray<string> AdditionalSecretOutputs,
    string SourcePosition);

/// <summary>Reads resources that the program does not manage.</summary>
internal sealed class ResourceReader(Deployment deployment, StepExecutor steps)
{
    private readonly AliasResolver aliases = new(deployment);

    /// <summary>Reads one.</summary>
    /// <exception cref="RunStoppedException">The run is stopping; what is wrong has been told.</exception>
    public async Task<Registration> ReadAsync(ReadGoal goal)
    {
        using var flow = deployment.Control.Enter();
        var urn = Urn.Create(deployment.Options.Stack, deployment.Options.Project, goal.Parent, goal.Type, goal.Name);
        var planned = new ResourceState
        {
            Urn = urn,
            Type = goal.Type,
            Custom = true,
            External = true,
            Id = goal.Id,
            Inputs = goal.Inputs,
            Parent = goal.Parent,
            Provider = goal.Provider,
            Dependencies = goal.Dependencies,
            AdditionalSecretOutputs = goal.AdditionalSecretOutputs,
            SourcePosition = goal.SourcePosition,
        };
        try
        {
            var (old, replacing) = await ClaimAsync(goal, planned);
            var read = await steps.ReadAsync(planned, old, replacing);
            if (replacing)
            {
                steps.Replace(old!, read, null);
            }

            return new Registration(read);
        }
        catch (StepFailedException) when (deployment.Options.ContinueOnError)
        {
            return new Registration(planned, RegistrationResult.Failed);
        }
        catch (StepFailedException)
        {
            deployment.Control.Stop();
            throw new RunStoppedException();
        }
        catch (Exception error) when (error is not RunStoppedException)
        {
            deployment.Fatal(urn, error.Message);
            throw new RunStoppedException();
        }
    }

    private async Task<(ResourceState? Old, bool Replacing)> ClaimAsync(ReadGoal goal, ResourceState planned)
    {
        if (goal.Id.Length == 0)
        {
            throw new EngineException($"Resource '{planned.Urn}' is read without an ID.", 4);
        }

        await deployment.Plan.Gate.WaitAsync();
        try
        {
            var plan = deployment.Plan;
            if (goal.Parent.Length > 0 && !plan.Urns.Contains(goal.Parent))
            {
                throw new EngineException($"The parent '{goal.Parent}' of resource '{planned.Urn}' was not registered.", 4);
            }

            if (!plan.Urns.Add(planned.Urn))
            {
                throw new EngineException($"Duplicate resource URN '{planned.Urn}'; give the resource a name of its own.", 4);
            }

            var (old, _) = aliases.Find(planned.Urn, goal.Type, goal.Name, goal.Parent, []);
            var replacing = old is { External: false } && old.Id != goal.Id;
            (replacing ? plan.Replaces : plan.Reads).Add(planned.Urn);
            return (old, replacing);
        }
        finally
        {
            deployment.Plan.Gate.Release();
        }
    }
}
