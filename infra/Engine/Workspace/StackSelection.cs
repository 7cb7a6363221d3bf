using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.State;

namespace Reco.Engine.Workspace;

/// <summary>Which stack of each project is selected.</summary>
internal sealed class StackSelection(StateFolder folder)
{
    /// <summary>The selected stack, or null.</summary>
    public StackName? Get(string project) => Read()[project] is JsonValue value && value.TryGetValue<string>(out var stack) ? new StackName(project, stack) : null;

    /// <summary>Selects a stack.</summary>
    public void Set(StackName name)
    {
        var content = Read();
        if (content[name.Project]?.ToString() != name.Stack)
        {
            content[name.Project] = name.Stack;
            DurableFile.Write(folder.Selection, content.ToJsonString());
        }
    }

    /// <summary>Forgets a stack.</summary>
    public void Clear(StackName name)
    {
        var content = Read();
        if (content[name.Project]?.ToString() == name.Stack)
        {
            content.Remove(name.Project);
            DurableFile.Write(folder.Selection, content.ToJsonString());
        }
    }

    private JsonObject Read()
    {
        try
        {
            return File.Exists(folder.Selection) ? JsonNode.Parse(File.ReadAllText(folder.Selection)) as JsonObject ?? [] : [];
        }
        catch (JsonException)
        {
            // Only a convenience: without it, --stack is asked for.
            return [];
        }
    }
}
