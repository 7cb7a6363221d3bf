using System.CommandLine;
using System.Text.Json.Nodes;
using Reco.Engine.State;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>config cp</c>: values of one stack for another; secrets are encrypted anew.</summary>
internal sealed class ConfigCopyCommand(CliContext context)
{
    private readonly Argument<string?> key = new("key") { Arity = ArgumentArity.ZeroOrOne, Description = "Key; every one where none is given." };
    private readonly Option<string> destination = new("--dest", "-d") { Required = true, Description = "Stack that gets the values." };
    private readonly Option<bool> path = new("--path") { Description = "The key is a path into an object: a.b[0]." };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var command = new Command("cp", "Copy values to another stack.") { key, destination, path };
        command.Aliases.Add("copy");
        command.SetAction(Run);
        return command;
    }

    private void Run(ParseResult parsed)
    {
        using var from = context.OpenStack();
        var name = StackName.Parse(parsed.GetRequiredValue(destination), from.Project.Name);
        if (name == from.Name)
        {
            throw new EngineException($"'{name.Stack}' is the stack that values are copied from; --dest is another one", 1);
        }

        if (!from.Backend.Exists(name))
        {
            throw new EngineException($"no stack named '{name.Stack}' found; 'reco stack ls' lists them, 'reco stack init {name.Stack}' makes it", 6);
        }

        using var to = StackSession.Open(from.Project, from.Backend, name, new Passphrase(context.Environment, context.Tell));
        if (parsed.GetValue(key) is not { } one)
        {
            CopyAll(from, to);
            return;
        }

        using var edit = new ConfigEdit(to);
        var (parts, full) = ConfigEdit.Locate(from, one, parsed.GetValue(path));
        var node = from.Config.Values(from.Project.Name).TryGetValue(full, out var value) ? ConfigPath.Get(value.Json, parts.Skip(1)) : null;
        edit.Set(one, parsed.GetValue(path), _ => Sealed(from, edit, node ?? throw new EngineException($"configuration key '{one}' not found for stack '{from.Name.Stack}'", 1)));
        edit.Save();
    }

    /// <summary>Copies every value, secrets encrypted anew.</summary>
    public static void CopyAll(StackSession from, StackSession to)
    {
        using var edit = new ConfigEdit(to);
        foreach (var (full, value) in from.Config.Values(from.Project.Name))
        {
            edit.Set(full, isPath: false, _ => Sealed(from, edit, value.Json));
        }

        edit.Save();
    }

    private static JsonNode Sealed(StackSession from, ConfigEdit edit, JsonNode? node) => node switch
    {
        JsonObject { Count: 1 } map when map["secure"] is JsonValue text && text.TryGetValue<string>(out var sealedText) => edit.Sealed(from.Secrets.Decrypt(sealedText)),
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Sealed(from, edit, pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(item => Sealed(from, edit, item))]),
        _ => node?.DeepClone()!,
    };
}
