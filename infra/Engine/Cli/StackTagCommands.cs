using System.CommandLine;
using System.Text.Json.Nodes;
using Reco.Engine.State;

namespace Reco.Engine.Cli;

/// <summary><c>stack tag ...</c></summary>
internal sealed class StackTagCommands(CliContext context)
{
    private readonly Argument<string> name = new("name") { Description = "Name of the tag." };

    /// <summary>The command with its verbs.</summary>
    public Command Build() => new("tag", "Manage the tags of a stack.") { List(), Get(), Set(), Remove() };

    private Command List()
    {
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var command = new Command("ls", "List the tags.") { json };
        command.Aliases.Add("list");
        command.SetAction(parsed => With((_, tags) =>
        {
            var all = tags.Load();
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(CliJson.Text(new JsonObject(all.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)))));
                return;
            }

            var width = Math.Max("NAME".Length, all.Keys.Select(tag => tag.Length).DefaultIfEmpty().Max()) + 2;
            context.Output.WriteLine($"{"NAME".PadRight(width)}VALUE");
            foreach (var (tag, value) in all)
            {
                context.Output.WriteLine($"{tag.PadRight(width)}{value}");
            }
        }));
        return command;
    }

    private Command Get()
    {
        var command = new Command("get", "Print one tag.") { name };
        command.SetAction(parsed => With((stack, tags) => context.Output.WriteLine(tags.Load().TryGetValue(parsed.GetRequiredValue(name), out var value) ? value
            : throw new EngineException($"stack tag '{parsed.GetRequiredValue(name)}' not found for stack '{stack.Stack}'", 1))));
        return command;
    }

    private Command Set()
    {
        var value = new Argument<string>("value") { Description = "Its value." };
        var command = new Command("set", "Set a tag.") { name, value };
        command.SetAction(parsed => With((_, tags) => tags.Set(parsed.GetRequiredValue(name), parsed.GetRequiredValue(value))));
        return command;
    }

    private Command Remove()
    {
        var command = new Command("rm", "Remove a tag.") { name };
        command.Aliases.Add("remove");
        command.SetAction(parsed => With((_, tags) => tags.Remove(parsed.GetRequiredValue(name))));
        return command;
    }

    private void With(Action<StackName, StackTags> act)
    {
        using var session = context.OpenStack();
        using var gate = StackLock.EnterGate(session.Backend.Folder, session.Name, "tags");
        act(session.Name, new StackTags(session.Backend.Folder, session.Name));
    }
}
