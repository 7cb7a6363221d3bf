using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Planning;
using Reco.Engine.Values;
using Reco.Engine.Workspace;

namespace Reco.Engine.State;

/// <summary>Takes over an exported deployment as a stack's state.</summary>
internal static class StateImport
{
    /// <summary>Reads, checks and saves it; the state before is kept among the backups.</summary>
    /// <exception cref="EngineException">It is malformed, inconsistent, or of another stack.</exception>
    public static void Apply(StackSession session, string text, bool force)
    {
        JsonObject deployment;
        Snapshot snapshot;
        try
        {
            var file = DeepJson.Parse(text) as JsonObject ?? throw new CheckpointFormatException("it is not a JSON object");
            DeploymentCodec.RequireReadable(file, "the exported state");
            deployment = file["deployment"] as JsonObject ?? throw new CheckpointFormatException("it has no 'deployment'");
            snapshot = DeploymentCodec.Decode(deployment, session.SecretsFor(deployment));
        }
        catch (Exception error) when (error is JsonException or CheckpointFormatException or InvalidOperationException or FormatException)
        {
            throw new EngineException($"the exported state cannot be read: {error.Message}", 1);
        }

        if (!force && SnapshotIntegrity.Verify(snapshot) is { } problem)
        {
            throw new EngineException($"the exported state is inconsistent and is not imported: {problem}. Pass --force to import it all the same.", 1);
        }

        var stranger = snapshot.Resources.FirstOrDefault(resource => Urn.Stack(resource.Urn) != session.Name.Stack || Urn.Project(resource.Urn) != session.Name.Project);
        if (!force && stranger is not null)
        {
            throw new EngineException($"the exported state has a resource of another stack: {stranger.Urn}. Pass --force to import it all the same.", 1);
        }

        session.Backend.Backup(session.Name);
        session.Backend.Save(session.Name, snapshot, session.Secrets);
    }
}
