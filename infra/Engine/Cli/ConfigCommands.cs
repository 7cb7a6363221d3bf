using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Display;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>config ...</c></summary>
internal sealed class ConfigCommands(CliContext context)
{
    private readonly Option<bool> path = new("--path") { Description = "The key is a path into an object: a.b[0]." };

    /// <summary>The command with its verbs.</summary>
    public Command Build()
    {
        var show = new Option<bool>("--show-secrets") { Description = "Show secrets in plain text." };
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var command = new Command("config", "Manage the configuration of a stack.") { show, json, Get(), Set(), Remove(), SetAll(), RemoveAll(), new ConfigCopyCommand(context).Build(), new ConfigRefreshCommand(context).Build() };
        command.SetAction(parsed => List(parsed.GetValue(show), parsed.GetValue(json)));
        return command;
    }

    private void List(bool show, bool json)
    {
        using var session = Open();
        var values = session.Config.Values(session.Project);
        var plain = show ? session.LoadConfig().Values : null;
        string Shown(string key, ConfigValue value) => value.IsSecret ? plain?[key] ?? PropertyText.Secret : value.IsObject && plain is not null ? plain[key] : value.IsObject ? Masked(value.Text) : value.Text;
        if (json)
        {
            context.Output.WriteLine(CliJson.Text(new JsonObject(values.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Described(pair.Value, pair.Value.HasSecret && !show ? null : Shown(pair.Key, pair.Value)))))));
            return;
        }

        var names = values.Keys.ToDictionary(key => key, key => key.StartsWith(session.Project.Name + ":", StringComparison.Ordinal) ? key[(session.Project.Name.Length + 1)..] : key);
        var width = Math.Max(4, names.Values.DefaultIfEmpty("").Max(name => name.Length)) + 2;
        context.Output.WriteLine($"{"KEY".PadRight(width)}VALUE");
        foreach (var (key, value) in values)
        {
            context.Output.WriteLine($"{names[key].PadRight(width)}{Shown(key, value)}");
        }
    }

    private static string Masked(string text)
    {
        static JsonNode? Mask(JsonNode? node) => node switch
        {
            JsonObject { Count: 1 } map when map["secure"] is not null => PropertyText.Secret,
            JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Mask(pair.Value)))),
            JsonArray list => new JsonArray([.. list.Select(Mask)]),
            _ => node?.DeepClone(),
        };
        return ConfigJson.Text(Mask(JsonNode.Parse(text)));
    }

    private static JsonObject Described(ConfigValue value, string? shown)
    {
        var entry = new JsonObject();
        if (shown is not null)
        {
            entry["value"] = shown;
        }

        if (value.IsObject && shown is not null)
        {
            entry["objectValue"] = JsonNode.Parse(shown);
        }

        entry["secret"] = value.HasSecret;
        return entry;
    }

    private Command Get()
    {
        var key = new Argument<string>("key") { Description = "Key." };
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var command = new Command("get", "Print one value, secrets in plain text.") { key, path, json };
        command.SetAction(parsed =>
        {
            using var session = Open();
            var (parts, full) = ConfigEdit.Locate(session, parsed.GetRequiredValue(key), parsed.GetValue(path));
            var config = session.LoadConfig();
            var known = config.Values.TryGetValue(full, out var text) ? text
                : throw new EngineException($"configuration key '{full}' not found for stack '{session.Name.Stack}'", 1);
            var node = parts.Count > 1 ? ConfigPath.Get(JsonNode.Parse(known), parts.Skip(1)) : null;
            if (parts.Count > 1 && node is null)
            {
                throw new EngineException($"configuration key '{parsed.GetRequiredValue(key)}' not found for stack '{session.Name.Stack}'", 1);
            }

            var value = node is null ? known : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : ConfigJson.Text(node);
            if (!parsed.GetValue(json))
            {
                context.Output.WriteLine(value);
                return;
            }

            var entry = new JsonObject { ["value"] = value };
            if ((node ?? (session.Config.Values(session.Project).GetValueOrDefault(full) is { IsObject: true } ? JsonNode.Parse(known) : null)) is JsonObject or JsonArray)
            {
                entry["objectValue"] = JsonNode.Parse(value);
            }

            entry["secret"] = config.SecretKeys.Contains(full);
            context.Output.WriteLine(CliJson.Text(entry));
        });
        return command;
    }

    private Command Set()
    {
        var key = new Argument<string>("key") { Description = "Key." };
        var value = new Argument<string?>("value") { Arity = ArgumentArity.ZeroOrOne, Description = "Value; read from standard input where none is given." };
        var secret = new Option<bool>("--secret") { Description = "Encrypt the value." };
        var plaintext = new Option<bool>("--plaintext") { Description = "Do not encrypt the value." };
        var type = new Option<string?>("--type") { Description = "Save the value as string, bool, int or float." };
        type.AcceptOnlyFromAmong("string", "bool", "int", "float");
        var command = new Command("set", "Set a value.") { key, value, path, secret, plaintext, type };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var session = Open();
            var text = parsed.GetValue(value) ?? (await Console.In.ReadToEndAsync(cancellation)).TrimEnd('\r', '\n');
            if (new[] { parsed.GetValue(secret), parsed.GetValue(plaintext), parsed.GetValue(type) is not null }.Count(given => given) > 1)
            {
                throw new EngineException("only one of --secret, --plaintext and --type may be given", 2);
            }

            using var edit = new ConfigEdit(session);
            edit.Set(parsed.GetRequiredValue(key), parsed.GetValue(path), parts => parsed.GetValue(secret) ? edit.Sealed(text)
                : parsed.GetValue(type) is { } kind ? ConfigPath.OfType(text, kind)
                : ConfigEdit.Plain(text, parts));
            edit.Save();
        });
        return command;
    }

    private Command Remove()
    {
        var key = new Argument<string>("key") { Description = "Key." };
        var command = new Command("rm", "Remove a value.") { key, path };
        command.SetAction(parsed =>
        {
            using var session = Open();
            using var edit = new ConfigEdit(session);
            edit.Remove(parsed.GetRequiredValue(key), parsed.GetValue(path));
            edit.Save();
        });
        return command;
    }

    private Command SetAll()
    {
        var plaintext = new Option<string[]>("--plaintext") { Description = "KEY=VALUE to set." };
        var secret = new Option<string[]>("--secret") { Description = "KEY=VALUE to encrypt." };
        var json = new Option<string?>("--json") { Description = "Values as 'config --json' prints them." };
        var command = new Command("set-all", "Set several values.") { plaintext, secret, path, json };
        command.SetAction(parsed =>
        {
            using var session = Open();
            using var edit = new ConfigEdit(session);
            foreach (var (pairs, encrypt) in new[] { (parsed.GetValue(plaintext), false), (parsed.GetValue(secret), true) })
            {
                foreach (var pair in pairs ?? [])
                {
                    if (pair.Split('=', 2) is not [{ Length: > 0 } key, var text])
                    {
                        throw new EngineException($"config set-all: '{(encrypt ? pair.Split('=')[0] : pair)}' should be KEY=VALUE", 2);
                    }

                    edit.Set(key, parsed.GetValue(path), parts => encrypt ? edit.Sealed(text) : ConfigEdit.Plain(text, parts));
                }
            }

            foreach (var (key, entry) in ReadAll(parsed.GetValue(json)))
            {
                var text = entry["value"]?.ToString() ?? "";
                edit.Set(key, isPath: false, _ => entry["secret"]?.GetValue<bool>() == true ? edit.Sealed(text) : entry["objectValue"]?.DeepClone() ?? JsonValue.Create(text));
            }

            edit.Save();
        });
        return command;
    }

    private Command RemoveAll()
    {
        var keys = new Argument<string[]>("keys") { Arity = ArgumentArity.OneOrMore, Description = "Keys." };
        var command = new Command("rm-all", "Remove several values.") { keys, path };
        command.SetAction(parsed =>
        {
            using var session = Open();
            using var edit = new ConfigEdit(session);
            foreach (var key in parsed.GetRequiredValue(keys))
            {
                edit.Remove(key, parsed.GetValue(path));
            }

            edit.Save();
        });
        return command;
    }

    private static IEnumerable<(string Key, JsonObject Entry)> ReadAll(string? json)
    {
        try
        {
            return json is null ? [] : [.. JsonNode.Parse(json)!.AsObject().Select(pair => (pair.Key, pair.Value!.AsObject()))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new EngineException("config set-all --json: this is not what 'config --json' prints, {\"KEY\": {\"value\": \"...\", \"secret\": false}}", 2);
        }
    }

    private StackSession Open() => context.OpenStack(create: true);
}
