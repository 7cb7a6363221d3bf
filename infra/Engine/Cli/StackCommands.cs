using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Display;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>stack ...</c></summary>
internal sealed class StackCommands(CliContext context)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The command with its verbs.</summary>
    public Command Build()
    {
        var urns = new Option<bool>("--show-urns", "-u") { Description = "Show URNs." };
        var ids = new Option<bool>("--show-ids", "-i") { Description = "Show IDs." };
        var secrets = new Option<bool>("--show-secrets") { Description = "Show secrets in plain text." };
        var showName = new Option<bool>("--show-name") { Description = "Print the name of the stack only." };
        var command = new Command("stack", "Manage stacks.") { urns, ids, secrets, showName, Init(), List(), Select(), Remove(), OutputCommand(), Export(), Import(), History(), Graph() };
        command.SetAction(parsed => Show(parsed.GetValue(urns), parsed.GetValue(ids), parsed.GetValue(secrets), parsed.GetValue(showName)));
        return command;
    }

    private Command Init()
    {
        var name = new Argument<string?>("name") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the stack." };
        var noSelect = new Option<bool>("--no-select") { Description = "Do not select it." };
        var command = new Command("init", "Make a stack.") { name, noSelect };
        command.SetAction(parsed =>
        {
            var project = context.Project();
            var backend = context.Backend(project);
            var stack = StackName.Parse(parsed.GetValue(name) ?? context.StackOption ?? throw new EngineException("give the name of the stack: reco stack init NAME", 2), project.Name);
            using var session = StackSession.Open(project, backend, stack, new Passphrase(context.Environment, context.Tell));
            backend.Create(stack, session.Secrets);
            if (!parsed.GetValue(noSelect))
            {
                new StackSelection(backend.Folder).Set(stack);
            }

            context.Output.WriteLine($"Created stack '{stack.Stack}'");
        });
        return command;
    }

    private Command List()
    {
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var all = new Option<bool>("--all", "-a") { Description = "Stacks of every project." };
        var command = new Command("ls", "List stacks.") { json, all };
        command.SetAction(parsed =>
        {
            var project = context.Project();
            var backend = context.Backend(project);
            var current = new StackSelection(backend.Folder).Get(project.Name);
            var stacks = backend.List().Where(name => parsed.GetValue(all) || name.Project == project.Name).ToArray();
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(new JsonArray([.. stacks.Select(name => Entry(backend, name, current))]).ToJsonString(Indented));
                return;
            }

            context.Output.WriteLine($"{"NAME",-24}{"LAST UPDATE",-24}RESOURCE COUNT");
            foreach (var name in stacks)
            {
                var shown = (name.Project == project.Name ? name.Stack : $"{name.Project}/{name.Stack}") + (name == current ? "*" : "");
                var when = backend.History(name).Count > 0 && backend.LastUpdate(name) is { } time ? time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "n/a";
                context.Output.WriteLine($"{shown,-24}{when,-24}{Count(backend, name)}");
            }
        });
        return command;
    }

    private static JsonObject Entry(StateBackend backend, StackName name, StackName? current)
    {
        var entry = new JsonObject { ["name"] = name.Stack, ["current"] = name == current, ["updateInProgress"] = Directory.Exists(backend.Folder.Locks(name)) && Directory.GetFiles(backend.Folder.Locks(name), "*.json").Length > 0 };
        if (backend.History(name).Count > 0 && backend.LastUpdate(name) is { } time)
        {
            entry["lastUpdate"] = time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        }

        entry["resourceCount"] = Count(backend, name);
        return entry;
    }

    private static int Count(StateBackend backend, StackName name) => backend.Load(name)["resources"] is JsonArray resources ? resources.Count : 0;

    private Command Select()
    {
        var name = new Argument<string?>("name") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the stack." };
        var create = new Option<bool>("--create", "-c") { Description = "Make it where it does not exist." };
        var command = new Command("select", "Choose the stack that commands are about.") { name, create };
        command.SetAction(parsed =>
        {
            var project = context.Project();
            var backend = context.Backend(project);
            var stack = StackName.Parse(parsed.GetValue(name) ?? context.StackOption ?? throw new EngineException("give the name of the stack: reco stack select NAME", 2), project.Name);
            if (!backend.Exists(stack))
            {
                if (!parsed.GetValue(create))
                {
                    throw new EngineException($"no stack named '{stack.Stack}' found", 6);
                }

                using var session = StackSession.Open(project, backend, stack, new Passphrase(context.Environment, context.Tell));
                backend.Create(stack, session.Secrets);
            }

            new StackSelection(backend.Folder).Set(stack);
        });
        return command;
    }

    private Command Remove()
    {
        var name = new Argument<string?>("name") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the stack." };
        var force = new Option<bool>("--force", "-f") { Description = "Even where it still has resources: they are left alone, and forgotten." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var preserve = new Option<bool>("--preserve-config") { Description = "Keep the configuration file." };
        var command = new Command("rm", "Remove a stack and its configuration.") { name, force, yes, preserve };
        command.SetAction(parsed =>
        {
            context.StackOption = parsed.GetValue(name) ?? context.StackOption;
            using var session = context.OpenStack();
            using var held = StackLock.Take(session.Backend.Folder, session.Name, context.Time, context.Tell);
            var resources = session.LoadSnapshot().Resources;
            if (resources.Length > 0 && !parsed.GetValue(force))
            {
                throw new EngineException($"stack '{session.Name.Stack}' still has {resources.Length} resources; run 'reco destroy', or pass --force to forget them", 1);
            }

            if (!parsed.GetValue(yes) && !context.Confirm($"This removes stack '{session.Name.Stack}'. Go on?"))
            {
                return 8;
            }

            session.Backend.Remove(session.Name);
            new StackSelection(session.Backend.Folder).Clear(session.Name);
            if (!parsed.GetValue(preserve))
            {
                session.Config.Delete();
            }

            context.Output.WriteLine($"Stack '{session.Name.Stack}' has been removed.");
            return 0;
        });
        return command;
    }

    private Command OutputCommand()
    {
        var name = new Argument<string?>("property") { Arity = ArgumentArity.ZeroOrOne, Description = "One output." };
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var secrets = new Option<bool>("--show-secrets") { Description = "Show secrets in plain text." };
        var command = new Command("output", "Print the outputs of a stack.") { name, json, secrets };
        command.SetAction(parsed =>
        {
            using var session = context.OpenStack();
            var outputs = StackOutputs.Of(session.LoadSnapshot());
            var (asJson, show) = (parsed.GetValue(json), parsed.GetValue(secrets));
            if (parsed.GetValue(name) is { } property)
            {
                var value = outputs.TryGetValue(property, out var found) ? found
                    : throw new EngineException($"stack '{session.Name.Stack}' has no output '{property}'; it has: {(outputs.Count == 0 ? "none" : string.Join(", ", outputs.Keys))}", 1);
                context.Output.WriteLine(asJson ? Json(value, show)?.ToJsonString(Indented) ?? "null" : Text(value, show));
            }
            else if (asJson)
            {
                context.Output.WriteLine(new JsonObject(outputs.Select(pair => KeyValuePair.Create(pair.Key, Json(pair.Value, show)))).ToJsonString(Indented));
            }
            else
            {
                PrintOutputs(outputs, show);
            }
        });
        return command;
    }

    private void PrintOutputs(PropertyMap outputs, bool show)
    {
        context.Output.WriteLine($"Current stack outputs ({outputs.Count}):");
        if (outputs.Count == 0)
        {
            context.Output.WriteLine("    No output values currently in this stack");
            return;
        }

        var width = Math.Max("OUTPUT".Length, outputs.Keys.Max(key => key.Length)) + 2;
        context.Output.WriteLine($"    {"OUTPUT".PadRight(width)}VALUE");
        foreach (var (key, value) in outputs)
        {
            context.Output.WriteLine($"    {key.PadRight(width)}{Text(value, show)}");
        }
    }

    /// <summary>An output as people and shells want it: strings as they are, the rest as JSON.</summary>
    private static string Text(PropertyValue value, bool show) => value switch
    {
        PropertyValue.SecretValue secret => show ? Text(secret.Element, show) : PropertyText.Secret,
        PropertyValue.StringValue text => text.Value,
        _ => Json(value, show)?.ToJsonString() ?? "null",
    };

    private static JsonNode? Json(PropertyValue value, bool show) => value switch
    {
        PropertyValue.SecretValue secret => show ? Json(secret.Element, show) : PropertyText.Secret,
        PropertyValue.ListValue list => new JsonArray([.. list.Items.Select(item => Json(item, show))]),
        PropertyValue.MapValue map => new JsonObject(map.Map.Select(pair => KeyValuePair.Create(pair.Key, Json(pair.Value, show)))),
        _ => new StateValueCodec(null, null).Encode(value),
    };

    private Command Export()
    {
        var file = new Option<string?>("--file") { Description = "File to write to." };
        var secrets = new Option<bool>("--show-secrets") { Description = "Secrets in plain text." };
        var command = new Command("export", "Print the state of a stack.") { file, secrets };
        command.SetAction(parsed =>
        {
            using var session = context.OpenStack();
            var (deployment, snapshot) = session.Load();
            if (parsed.GetValue(secrets))
            {
                deployment = DeploymentCodec.Encode(snapshot, session.Secrets, showSecrets: true, context.Time.GetLocalNow());
            }

            var text = new JsonObject { ["version"] = DeploymentCodec.Version, ["deployment"] = deployment.DeepClone() }.ToJsonString(Indented);
            if (parsed.GetValue(file) is { } path)
            {
                DurableFile.Write(Path.GetFullPath(path, context.Directory), text + "\n");
            }
            else
            {
                context.Output.WriteLine(text);
            }
        });
        return command;
    }

    private Command Import()
    {
        var file = new Option<string?>("--file") { Description = "File to read from; standard input where none is given." };
        var force = new Option<bool>("--force", "-f") { Description = "Even where resources are of another stack or the state is inconsistent." };
        var command = new Command("import", "Replace the state of a stack by an exported one.") { file, force };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var session = context.OpenStack();
            using var held = StackLock.Take(session.Backend.Folder, session.Name, context.Time, context.Tell);
            var text = parsed.GetValue(file) is { } path ? await ReadAsync(Path.GetFullPath(path, context.Directory), cancellation) : await Console.In.ReadToEndAsync(cancellation);
            StateImport.Apply(session, text, parsed.GetValue(force));
            context.Output.WriteLine("Import complete.");
        });
        return command;
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be read: {error.Message}", 1);
        }
    }

    private Command History()
    {
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var command = new Command("history", "List the updates of a stack.") { json };
        command.SetAction(parsed =>
        {
            using var session = context.OpenStack();
            var updates = session.Backend.History(session.Name);
            var total = updates.Count;
            if (parsed.GetValue(json))
            {
                foreach (var (update, index) in updates.Select((update, index) => (update, index)))
                {
                    update["version"] = total - index;
                    foreach (var name in new[] { "startTime", "endTime" })
                    {
                        update[name] = DateTimeOffset.FromUnixTimeSeconds(update[name]!.GetValue<long>()).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
                    }
                }

                context.Output.WriteLine(new JsonArray([.. updates.Select(update => update.DeepClone())]).ToJsonString(Indented));
                return;
            }

            foreach (var (update, index) in updates.Select((update, index) => (update, index)))
            {
                var when = DateTimeOffset.FromUnixTimeSeconds(update["startTime"]!.GetValue<long>()).ToLocalTime();
                var changes = string.Join(", ", (update["resourceChanges"] as JsonObject ?? []).Select(change => $"{change.Value} {change.Key}"));
                context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total - index,4}  {when:yyyy-MM-dd HH:mm:ss}  {update["kind"]}  {update["result"]}  {changes}  {update["message"]}").TrimEnd());
            }
        });
        return command;
    }

    private Command Graph()
    {
        var file = new Argument<string>("file") { Description = "File to write to." };
        var command = new Command("graph", "Write the dependencies of a stack's resources as a DOT file.") { file };
        command.SetAction(parsed =>
        {
            using var session = context.OpenStack();
            var resources = session.LoadSnapshot().Resources;
            var index = resources.Select((resource, at) => (resource.Urn, at)).DistinctBy(entry => entry.Urn).ToDictionary(entry => entry.Urn, entry => entry.at);
            var lines = new List<string> { "strict digraph {" };
            lines.AddRange(resources.Select((resource, at) => $"    Resource{at} [label=\"{resource.Urn.Replace("\"", "\\\"", StringComparison.Ordinal)}\"];"));
            lines.AddRange(resources.SelectMany((resource, at) => resource.Dependencies.Where(index.ContainsKey).Select(urn => $"    Resource{at} -> Resource{index[urn]} [color = \"#246C60\"];")));
            lines.AddRange(resources.Select((resource, at) => (resource, at)).Where(entry => index.ContainsKey(entry.resource.Parent)).Select(entry => $"    Resource{entry.at} -> Resource{index[entry.resource.Parent]} [color = \"#AA6639\"];"));
            lines.Add("}");
            DurableFile.Write(Path.GetFullPath(parsed.GetRequiredValue(file), context.Directory), string.Join('\n', lines) + "\n");
        });
        return command;
    }

    private void Show(bool urns, bool ids, bool secrets, bool nameOnly)
    {
        using var session = context.OpenStack();
        if (nameOnly)
        {
            context.Output.WriteLine(session.Name.Stack);
            return;
        }

        var snapshot = session.LoadSnapshot();
        context.Output.WriteLine($"Current stack is {session.Name.Stack}:");
        context.Output.WriteLine($"    Managed by {System.Environment.MachineName}, state in {session.Backend.Folder.Root}");
        context.Output.WriteLine($"Current stack resources ({snapshot.Resources.Length}):");
        foreach (var resource in snapshot.Resources)
        {
            context.Output.WriteLine($"    {resource.Type}  {Urn.Name(resource.Urn)}");
            if (urns)
            {
                context.Output.WriteLine($"        URN: {resource.Urn}");
            }

            if (ids && resource.Id.Length > 0)
            {
                context.Output.WriteLine($"        ID: {resource.Id}");
            }
        }

        context.Output.WriteLine("");
        PrintOutputs(StackOutputs.Of(snapshot), secrets);
    }
}
