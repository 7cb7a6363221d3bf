using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Planning;

namespace Reco.Engine.Cli;

/// <summary><c>import</c>: takes resources that exist into a stack.</summary>
internal sealed class ImportCommand(CliContext context)
{
    private readonly Argument<string[]> resource = new("resource") { Arity = new ArgumentArity(0, 3), Description = "TYPE NAME ID of one resource." };
    private readonly Option<string?> file = new("--file", "-f") { Description = "JSON file with the resources to import." };
    private readonly Option<string?> parent = new("--parent") { Description = "NAME=URN of the resource's parent." };
    private readonly Option<string?> provider = new("--provider") { Description = "NAME=URN of the provider to import with." };
    private readonly Option<string[]> properties = new("--properties") { Description = "Inputs to import; every one where none is named.", AllowMultipleArgumentsPerToken = false };
    private readonly Option<bool> protect = new("--protect") { Description = "Let the imported resources not be deleted.", DefaultValueFactory = _ => true };
    private readonly Option<bool> generate = new("--generate-code") { Description = "Print the inputs that the program has to declare.", DefaultValueFactory = _ => true };
    private readonly Option<bool> yes = new("--yes", "-y") { Description = "Go on without asking." };
    private readonly Option<bool> skipPreview = new("--skip-preview") { Description = "Do not preview first." };
    private readonly Option<bool> previewOnly = new("--preview-only") { Description = "Only preview." };
    private readonly Option<bool> json = new("--json", "-j") { Description = "Print JSON." };
    private readonly Option<string?> eventLog = new("--event-log") { Description = "File that takes the engine's events, one JSON object a line." };
    private readonly Option<string?> message = new("--message", "-m") { Description = "Note for the history." };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var command = new Command("import", "Take resources that exist into a stack.") { resource, file, parent, provider, properties, protect, generate, yes, skipPreview, previewOnly, json, eventLog, message };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var given = parsed.GetValue(resource) ?? [];
        var names = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var specs = (parsed.GetValue(file), given) switch
        {
            ({ } path, []) => Read(Path.GetFullPath(path, context.Directory), names, parsed.GetValue(protect)),
            (null, [var type, var name, var id]) => [One(parsed, type, name, id, names)],
            (null, _) => throw new EngineException("import: give TYPE NAME ID of a resource, or --file with several", 2),
            _ => throw new EngineException("import: a resource and --file cannot be given together", 2),
        };
        foreach (var spec in specs)
        {
            if (spec.Type.Split(':') is not [{ Length: > 0 }, _, { Length: > 0 }])
            {
                throw new EngineException($"import: '{spec.Type}' is not a type; it is PACKAGE:MODULE:NAME", 2);
            }

            if (spec.LogicalName.Length == 0 || (spec.Id.Length == 0 && !spec.Component))
            {
                throw new EngineException($"import: {spec.Type} '{spec.LogicalName}' lacks {(spec.LogicalName.Length == 0 ? "its name" : "the ID to import; 'component' is for those that have none")}", 2);
            }
        }

        return await new UpdateRunner(context, new UpdateRequest
        {
            Kind = DeploymentKind.Update,
            Imports = specs,
            ImportNames = names.ToImmutable(),
            ShowImported = parsed.GetValue(generate) && !parsed.GetValue(json),
            Yes = parsed.GetValue(yes),
            SkipPreview = parsed.GetValue(skipPreview),
            PreviewOnly = parsed.GetValue(previewOnly),
            Json = parsed.GetValue(json),
            EventLog = parsed.GetValue(eventLog),
            Message = parsed.GetValue(message) ?? "",
        }).RunAsync();
    }

    private ImportSpec One(ParseResult parsed, string type, string name, string id, ImmutableSortedDictionary<string, string>.Builder names) => new()
    {
        Type = type,
        Name = name,
        LogicalName = name,
        Id = id,
        Parent = Named("--parent", parsed.GetValue(parent), names),
        Provider = Named("--provider", parsed.GetValue(provider), names),
        Properties = [.. (parsed.GetValue(properties) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
        Protect = parsed.GetValue(protect),
    };

    private static string Named(string option, string? text, ImmutableSortedDictionary<string, string>.Builder names)
    {
        if (text is null)
        {
            return "";
        }

        if (text.Split('=', 2) is not [{ Length: > 0 } name, var urn] || !Urn.IsValid(urn))
        {
            throw new EngineException($"import: {option} '{text}' should be NAME=URN; 'reco stack --show-urns' lists the URNs", 2);
        }

        names[name] = urn;
        return name;
    }

    private static ImmutableArray<ImportSpec> Read(string path, ImmutableSortedDictionary<string, string>.Builder names, bool shield)
    {
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            foreach (var (name, urn) in root["nameTable"] as JsonObject ?? [])
            {
                names[name] = urn!.GetValue<string>();
            }

            return [.. root["resources"]!.AsArray().Select(entry => Spec(entry!.AsObject(), shield))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"import: '{path}' cannot be read: {error.Message}", 2);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new EngineException($"import: '{path}' is not a list of resources, {{\"nameTable\": {{NAME: URN}}, \"resources\": [{{\"type\": ..., \"name\": ..., \"id\": ...}}]}}: {error.Message}", 2);
        }
    }

    private static ImportSpec Spec(JsonObject entry, bool shield)
    {
        string Text(string name) => entry[name]?.GetValue<string>() ?? "";
        return new ImportSpec
        {
            Type = Text("type"),
            Name = Text("name"),
            LogicalName = Text("logicalName") is { Length: > 0 } logical ? logical : Text("name"),
            Id = Text("id"),
            Parent = Text("parent"),
            Provider = Text("provider"),
            Version = Text("version").TrimStart('v'),
            DownloadUrl = Text("pluginDownloadUrl"),
            Properties = [.. (entry["properties"] as JsonArray ?? []).Select(name => name!.GetValue<string>())],
            Component = entry["component"]?.GetValue<bool>() ?? false,
            Protect = shield,
        };
    }
}
