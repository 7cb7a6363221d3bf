using Reco.Engine.Events;
using Reco.Engine.Values;

namespace Reco.Engine.Display;

/// <summary>The properties that a step changes.</summary>
internal static class StepDiff
{
    private const int Indent = 6;

    /// <summary>Lines of a step: every input of what is created, the differences of what changes.</summary>
    public static IEnumerable<DiffLine> Lines(StepInfo step, bool showSecrets)
    {
        var tree = new PropertyTree(new PropertyText(showSecrets), step.New?.HideDiffs ?? []);
        var lines = new List<DiffLine>();
        if (step.Old?.Id is { Length: > 0 } id)
        {
            lines.Add(new DiffLine(' ', Indent - 2, $"[id={id}]"));
        }

        lines.Add(new DiffLine(' ', Indent - 2, $"[urn={step.Urn}]"));
        if (step.ReplaceKeys.Length > 0)
        {
            lines.Add(new DiffLine(' ', Indent - 2, $"[replaced because of: {string.Join(", ", step.ReplaceKeys)}]"));
        }

        lines.AddRange(step.Op switch
        {
            "create" or "import" or "read" => tree.All(step.New?.Inputs ?? PropertyMap.Empty, '+', Indent),
            "update" or "replace" or "create-replacement" => tree.Differences(step.Old?.Inputs ?? PropertyMap.Empty, step.New?.Inputs ?? PropertyMap.Empty, Indent),
            "refresh" => tree.Differences(step.Old?.Outputs ?? PropertyMap.Empty, step.New?.Outputs ?? PropertyMap.Empty, Indent),
            _ => [],
        });
        return lines;
    }
}
