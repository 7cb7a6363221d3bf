using System.Text.Json.Nodes;

namespace Reco.Conformance;

/// <summary>What a command of the engine did.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both streams, for the message of an assertion that fails.</summary>
    public string Text => $"exit code {ExitCode}{Environment.NewLine}{Output}{Environment.NewLine}{Error}";
}

/// <summary>What an up, refresh or destroy did, with its event log.</summary>
internal sealed record RunResult(CommandResult Command, IReadOnlyList<JsonObject> Events)
{
    /// <summary>Exit code.</summary>
    public int ExitCode => Command.ExitCode;

    /// <summary>Everything a person or a log gets to see.</summary>
    public string Text => Command.Text + Environment.NewLine + string.Join(Environment.NewLine, Events.Select(line => line.ToJsonString()));

    /// <summary>Steps that were done, in order: <c>op name</c>. Sames are left out.</summary>
    public IReadOnlyList<string> Steps => [.. Done.Where(step => !step.StartsWith("same ", StringComparison.Ordinal))];

    /// <summary>Steps that were done, in order, sames too.</summary>
    public IReadOnlyList<string> Done =>
        [.. Of("resOutputsEvent").Select(body => $"{body["metadata"]!["op"]} {NodeProject.NameOf((string)body["metadata"]!["urn"]!)}")];

    /// <summary>Steps that failed.</summary>
    public IReadOnlyList<string> Failures =>
        [.. Of("resOpFailedEvent").Select(body => $"{body["metadata"]!["op"]} {NodeProject.NameOf((string)body["metadata"]!["urn"]!)}")];

    /// <summary>Messages of a severity.</summary>
    public IReadOnlyList<string> Messages(string severity) =>
        [.. Of("diagnosticEvent").Where(body => (string)body["severity"]! == severity).Select(body => ((string)body["message"]!).Trim())];

    /// <summary>Bodies of the events of a kind.</summary>
    public IEnumerable<JsonObject> Of(string kind) => Events.Select(line => line[kind]).OfType<JsonObject>();

    /// <summary>Where a step stands among those that were done.</summary>
    public int At(string step)
    {
        var at = Steps.ToList().IndexOf(step);
        Assert.True(at >= 0, $"there is no step '{step}' among: {string.Join(", ", Steps)}");
        return at;
    }
}

/// <summary>The document of <c>preview --json</c>.</summary>
internal sealed record PreviewResult(JsonObject Document)
{
    /// <summary>Steps: <c>op name</c>, in order, sames left out.</summary>
    public IReadOnlyList<string> Steps => [.. All.Where(step => !step.StartsWith("same ", StringComparison.Ordinal))];

    /// <summary>Steps: <c>op name</c>, in order.</summary>
    public IReadOnlyList<string> All => [.. Entries.Select(step => $"{step["op"]} {NodeProject.NameOf((string)step["urn"]!)}")];

    /// <summary>The steps themselves.</summary>
    public IEnumerable<JsonObject> Entries => (Document["steps"]?.AsArray() ?? []).Select(step => step!.AsObject());

    /// <summary>The one step of an operation on a resource.</summary>
    public JsonObject Step(string op, string name) => Entries.Single(step => (string)step["op"]! == op && NodeProject.NameOf((string)step["urn"]!) == name);
}

/// <summary>The entries of a state.</summary>
internal sealed record StateEntries(IReadOnlyList<JsonObject> Entries, JsonArray PendingOperations)
{
    /// <summary>Names in order.</summary>
    public IReadOnlyList<string> Names => [.. Entries.Select(entry => NodeProject.NameOf((string)entry["urn"]!))];

    /// <summary>The live entry of a name.</summary>
    public JsonObject this[string name] => Entries.Single(entry => NodeProject.NameOf((string)entry["urn"]!) == name && entry["delete"] is null);

    /// <summary>Whether there is an entry of that name.</summary>
    public bool Has(string name) => Names.Contains(name);
}

/// <summary>What the engine asked the provider "testing" for.</summary>
internal sealed record RequestLog(IReadOnlyList<JsonObject> Entries)
{
    /// <summary>Requests that call the provider to work: <c>method name</c>, in order, previews left out.</summary>
    public IReadOnlyList<string> Work => [.. Entries.Where(entry => (string)entry["method"]! is "create" or "update" or "delete" && entry["preview"]?.GetValue<bool>() != true)
        .Select(entry => $"{entry["method"]} {NodeProject.NameOf((string)entry["urn"]!)}")];

    /// <summary>Requests of a method.</summary>
    public IReadOnlyList<JsonObject> Of(string method) => [.. Entries.Where(entry => (string)entry["method"]! == method)];

    /// <summary>The requests of a method for a resource.</summary>
    public IReadOnlyList<JsonObject> Of(string method, string name) => [.. Of(method).Where(entry => NodeProject.NameOf((string)entry["urn"]!) == name)];
}
